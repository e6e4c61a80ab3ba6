package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.device.Weight;
import dev.kvasir.runtime.device.WeightHolder;
import dev.kvasir.runtime.device.WeightVector;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Set;

/**
 * Counts what a model asks of a checkpoint, without weights: its loading runs against segments that
 * have a size and no memory.
 */
final class WeightTally implements Checkpoint {
  /** Nothing may read what it gives. */
  @SuppressWarnings("restricted")
  static final SegmentAllocator NOWHERE =
      (bytes, alignment) -> MemorySegment.NULL.reinterpret(bytes);

  private final Quantization quantization;
  private long plainElements;
  private long packedBytes;

  private WeightTally(Quantization quantization) {
    this.quantization = quantization;
  }

  static WeightTally of(ModelConfig config, Quantization quantization) {
    WeightTally tally = new WeightTally(quantization);
    new WeightLoader(config, tally, new Nothing()).load();
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

  /** Keeps nothing. */
  private static final class Nothing implements WeightHolder {
    @Override
    public Weight prepare(Linear linear) {
      return new Weight() {};
    }

    @Override
    public WeightVector prepare(float[] values) {
      return new WeightVector() {};
    }
  }
}
