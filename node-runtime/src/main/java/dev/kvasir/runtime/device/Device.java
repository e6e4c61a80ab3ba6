package dev.kvasir.runtime.device;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A place where models run: prepares weights, holds buffers and the KV cache, offers its ops. */
public interface Device extends WeightHolder, AutoCloseable {

  /** For people: what it is. */
  String name();

  /** What the metrics show of it once a model is loaded. */
  Status status();

  /** How many steps may be in flight. */
  int depth();

  /** Room for activations. */
  Buffer buffer(int rows, int columns);

  /** Room for logits, which are float32 on every device. */
  Buffer logits(int rows, int columns);

  /** The token budget of a step unless said otherwise. */
  int defaultBatchedTokens();

  /** What a KV cache's elements are unless said otherwise. */
  KvType defaultKvType();

  /** Why this device cannot hold such a KV cache; empty where it can. */
  Optional<String> objection(KvLayout layout);

  /** Bytes of a block of one KV group, over all its layers. */
  long kvBlockBytes(KvLayout layout, int group);

  Memory memory();

  /**
   * What weights take here that take so many bytes as they are stored: an estimate until they are
   * loaded.
   */
  long weightBytes(long stored);

  /** What activations, logits and workspaces of the largest step take. */
  long workspaceBytes(Workspace workspace, Activations activations, KvLayout layout);

  /**
   * The KV cache, a view per layer.
   *
   * @param blocks of each KV group, the reserved padding block included
   * @param scales one per layer
   */
  List<KvLayer> kvCache(KvLayout layout, int[] blocks, List<KvScale> scales);

  /**
   * The ops, with workspaces for steps of these sizes, over the KV cache made before.
   *
   * @param ropes the rotary embeddings that will be asked for
   */
  Ops ops(Workspace workspace, Collection<Rope> ropes);

  /**
   * What weights, activations and KV cache share.
   *
   * @param usable bytes that they may take together
   * @param kvUnlessSaid most bytes of the KV cache where nobody says how large it is
   * @param onHeap whether activations are in the JVM's heap
   * @param inWords for people: where the figure is from
   * @param remedy for people: how there can be more
   */
  record Memory(long usable, long kvUnlessSaid, boolean onHeap, String inWords, String remedy) {}

  /**
   * A card and its memory.
   *
   * @param name of the card; empty where there is none
   * @param driver its version
   * @param memoryByUse bytes: what they are for, or free
   */
  record Status(String name, long memoryBytes, String driver, Map<String, Long> memoryByUse) {
    public static final Status NO_CARD = new Status("", 0, "", Map.of());
  }

  /**
   * Elements of all activations together, logits apart.
   *
   * @param row of a row of the batch
   * @param sampledRow of a row to sample
   */
  record Activations(long row, long sampledRow) {}

  /**
   * The largest step.
   *
   * @param rows most rows
   * @param sequences most sequences that have a slot
   * @param sampledRows most rows to sample
   * @param sequenceLength longest sequence
   * @param widestInput most columns a linear layer reads
   */
  record Workspace(
      int rows,
      int sequences,
      int sampledRows,
      int sequenceLength,
      int widestInput,
      int vocabularySize) {}

  @Override
  void close();
}
