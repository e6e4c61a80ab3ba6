package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.Buffer;
import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.KvLayer;
import dev.kvasir.runtime.device.KvLayout;
import dev.kvasir.runtime.device.KvScale;
import dev.kvasir.runtime.device.KvType;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Ops;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Counts what a model asks of a checkpoint, without weights: its loading runs against segments that
 * have a size and no memory.
 */
final class WeightTally implements Checkpoint {
  /** Nothing may read what it gives. */
  @SuppressWarnings("restricted")
  private static final SegmentAllocator NOWHERE =
      (bytes, alignment) -> MemorySegment.NULL.reinterpret(bytes);

  private final Quantization quantization;
  private long plainElements;
  private long packedBytes;

  private WeightTally(Quantization quantization) {
    this.quantization = quantization;
  }

  static WeightTally of(ModelConfig config, Quantization quantization) {
    WeightTally tally = new WeightTally(quantization);
    new WeightLoader(config, tally, new CountingDevice()).load();
    return tally;
  }

  /** Bytes of all weights where the plain ones are of this type. */
  long bytes(ElementType plain) {
    return plainElements * plain.bytes() + packedBytes;
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    plainElements += (long) rows * columns;
    return (HostWeight.Dense) new PlainForm().allocate(name, rows, columns, NOWHERE);
  }

  @Override
  public Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    StoredForm form = quantization.form(name);
    HostWeight weight;
    if (form instanceof PlainForm) {
      weight = matrix(name, rows, columns);
    } else {
      weight = form.allocate(name, rows, columns, NOWHERE);
      packedBytes += weight.bytes();
    }
    return new Linear(weight, bias(biased, name, rows));
  }

  @Override
  public float[] vector(String name, int length) {
    plainElements += length;
    return new float[length];
  }

  @Override
  public ElementType type() {
    return ElementType.BF16;
  }

  @Override
  public long bytes() {
    return bytes(ElementType.BF16);
  }

  @Override
  public Set<String> unused() {
    return Set.of();
  }

  private static final class CountingDevice implements Device {
    @Override
    public Weight prepare(Linear linear) {
      return new Weight() {};
    }

    @Override
    public WeightVector prepare(float[] values) {
      return new WeightVector() {};
    }

    @Override
    public String name() {
      throw new UnsupportedOperationException();
    }

    @Override
    public int depth() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Buffer buffer(int rows, int columns) {
      throw new UnsupportedOperationException();
    }

    @Override
    public KvType defaultKvType() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<String> objection(KvLayout layout) {
      throw new UnsupportedOperationException();
    }

    @Override
    public long kvBlockBytes(KvLayout layout, int group) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Memory memory() {
      throw new UnsupportedOperationException();
    }

    @Override
    public List<KvLayer> kvCache(KvLayout layout, int[] blocks, List<KvScale> scales) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Ops ops(Workspace workspace) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
  }
}
