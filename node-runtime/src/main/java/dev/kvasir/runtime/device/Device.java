package dev.kvasir.runtime.device;

import java.util.List;

/** A place where models run: prepares weights, holds buffers and the KV cache, offers its ops. */
public interface Device extends AutoCloseable {

  /** For people: what it is. */
  String name();

  /** How many steps may be in flight. */
  int depth();

  /**
   * Brings a linear layer into this device's layout. Dense bfloat16 and float32 data must outlive
   * the device; everything else may go when this returns.
   */
  Weight prepare(Linear linear);

  WeightVector prepare(float[] values);

  /** Room for activations. */
  Buffer buffer(int rows, int columns);

  /** The KV cache, a view per layer. */
  List<KvLayer> kvCache(KvLayout layout);

  /** The ops, with workspaces for steps of these sizes. */
  Ops ops(Workspace workspace);

  /**
   * The largest step.
   *
   * @param rows most rows
   * @param sampledRows most rows to sample
   * @param sequenceLength longest sequence
   * @param widestInput most columns a linear layer reads
   */
  record Workspace(
      int rows, int sampledRows, int sequenceLength, int widestInput, int vocabularySize) {}

  @Override
  void close();
}
