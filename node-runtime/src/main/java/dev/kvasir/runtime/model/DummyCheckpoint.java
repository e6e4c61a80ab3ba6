package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;

/**
 * Random weights in the forms that the config names, for measuring models whose weights are not at
 * hand. Matrices share one stretch of random memory, each from a place of its own, so that making
 * them takes no longer than making the largest.
 */
final class DummyCheckpoint implements Checkpoint {
  private static final float SPREAD = 0.035f;

  /** Of bfloat16 numbers of 2^-6, just under the spread, four times. */
  private static final long LARGEST_EXPONENT = ((127L - 6) << 7) * 0x0001000100010001L;

  private final Quantization quantization;
  private final RandomWords plain;
  private final RandomWords words;
  private final RandomWords floats8;
  private final long bytes;

  /**
   * Makes weights.
   *
   * @param bytes that all of them take
   */
  DummyCheckpoint(Arena arena, Quantization quantization, long seed, long bytes) {
    this.quantization = quantization;
    this.plain = new RandomWords(arena, seed, bytes, DummyCheckpoint::smallBf16);
    this.words = new RandomWords(arena, seed, bytes, bits -> bits);
    this.floats8 = new RandomWords(arena, seed, bytes, DummyCheckpoint::withoutNaN);
    this.bytes = bytes;
  }

  /** Four bfloat16 numbers of both signs between about a sixteenth of the spread and all of it. */
  private static long smallBf16(long bits) {
    long signs = bits & 0x8000800080008000L;
    long fractions = bits & 0x007f007f007f007fL;
    long lower = (bits >>> 20) & 0x0180018001800180L;
    return signs | fractions | (LARGEST_EXPONENT - lower);
  }

  /** Eight e4m3 numbers. */
  private static long withoutNaN(long bits) {
    long full = bits & (bits >>> 1) & (bits >>> 2) & (bits >>> 3);
    full &= (bits >>> 4) & (bits >>> 5) & (bits >>> 6) & 0x0101010101010101L;
    return bits ^ full;
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    return new HostWeight.Dense(
        ElementType.BF16, rows, columns, plain.slice(name, 2L * rows * columns));
  }

  @Override
  public Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    StoredForm form = quantization.form(name);
    HostWeight weight =
        form instanceof PlainForm
            ? matrix(name + ".weight", rows, columns)
            : packed(form.allocate(name, rows, columns, WeightTally.NOWHERE), name, scratch);
    return new Linear(weight, bias(biased, name + ".bias", rows));
  }

  /**
   * Random weights of a form.
   *
   * @param sizes a weight of the form whose segments have sizes only
   */
  private HostWeight packed(HostWeight sizes, String name, Arena scratch) {
    return switch (sizes) {
      case HostWeight.Int4 w -> {
        MemorySegment zeros = scratch.allocate(w.zeros().byteSize(), 64).fill((byte) 8);
        yield new HostWeight.Int4(
            w.rows(),
            w.columns(),
            w.groupSize(),
            words.slice(name, w.data().byteSize()),
            filled(w.scales(), SPREAD / 8, scratch),
            zeros);
      }
      case HostWeight.Int8 w ->
          new HostWeight.Int8(
              w.rows(),
              w.columns(),
              w.groupSize(),
              words.slice(name, w.data().byteSize()),
              filled(w.scales(), SPREAD / 128, scratch),
              null,
              w.activation());
      case HostWeight.Fp8 w ->
          new HostWeight.Fp8(
              w.rows(),
              w.columns(),
              w.blockRows(),
              w.blockColumns(),
              floats8.slice(name, w.data().byteSize()),
              filled(w.scales(), SPREAD / 448, scratch),
              w.activation());
      default -> throw new AssertionError(sizes);
    };
  }

  private static MemorySegment filled(MemorySegment size, float value, Arena scratch) {
    MemorySegment to = scratch.allocate(size.byteSize(), 64);
    for (long at = 0; at < to.byteSize(); at += 4) {
      to.set(ValueLayout.JAVA_FLOAT, at, value);
    }
    return to;
  }

  @Override
  public float[] vector(String name, int length) {
    float[] values = new float[length];
    Arrays.fill(values, name.endsWith(".bias") ? 0f : 1f);
    return values;
  }

  @Override
  public ElementType type() {
    return ElementType.BF16;
  }

  @Override
  public long bytes() {
    return bytes;
  }

  @Override
  public Set<String> unused() {
    return Set.of();
  }
}
