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
 * hand.
 */
final class DummyCheckpoint implements Checkpoint {
  private static final float SPREAD = 0.035f;

  private final Arena arena;
  private final Quantization quantization;
  private final long seed;
  private final long bytes;

  /**
   * Makes weights.
   *
   * @param bytes that all of them take
   */
  DummyCheckpoint(Arena arena, Quantization quantization, long seed, long bytes) {
    this.arena = arena;
    this.quantization = quantization;
    this.seed = seed;
    this.bytes = bytes;
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    MemorySegment data = arena.allocate(2L * rows * columns, 64);
    fillBf16(data, name);
    return new HostWeight.Dense(ElementType.BF16, rows, columns, data);
  }

  @Override
  public Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    StoredForm form = quantization.form(name);
    HostWeight weight =
        form instanceof PlainForm
            ? matrix(name + ".weight", rows, columns)
            : packed(form.allocate(name, rows, columns, scratch), name);
    return new Linear(weight, bias(biased, name + ".bias", rows));
  }

  private HostWeight packed(HostWeight weight, String name) {
    switch (weight) {
      case HostWeight.Int4 int4 -> {
        fillWords(int4.data(), name);
        fillFloats(int4.scales(), SPREAD / 8);
        int4.zeros().fill((byte) 8);
      }
      case HostWeight.Int8 int8 -> {
        fillWords(int8.data(), name);
        fillFloats(int8.scales(), SPREAD / 128);
        return int8.zeros() == null ? int8 : PackedWeights.withoutNeedlessZeros(int8);
      }
      case HostWeight.Fp8 fp8 -> {
        fillWords(fp8.data(), name);
        dropNaNs(fp8.data());
        fillFloats(fp8.scales(), SPREAD / 448);
      }
      default -> throw new AssertionError(weight);
    }
    return weight;
  }

  private void fillBf16(MemorySegment data, String name) {
    Xorshift random = new Xorshift(seed, name);
    for (long at = 0; at < data.byteSize(); at += 2) {
      float value = ((random.next() >> 40) * 0x1p-23f) * SPREAD;
      data.set(
          ValueLayout.JAVA_SHORT_UNALIGNED, at, (short) (Float.floatToRawIntBits(value) >> 16));
    }
  }

  private void fillWords(MemorySegment data, String name) {
    Xorshift random = new Xorshift(seed, name);
    long at = 0;
    for (; at + 8 <= data.byteSize(); at += 8) {
      data.set(ValueLayout.JAVA_LONG_UNALIGNED, at, random.next());
    }
    for (; at < data.byteSize(); at++) {
      data.set(ValueLayout.JAVA_BYTE, at, (byte) random.next());
    }
  }

  private static void dropNaNs(MemorySegment e4m3) {
    for (long at = 0; at < e4m3.byteSize(); at++) {
      byte value = e4m3.get(ValueLayout.JAVA_BYTE, at);
      if ((value & 0x7F) == 0x7F) {
        e4m3.set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ 1));
      }
    }
  }

  private static void fillFloats(MemorySegment to, float value) {
    for (long at = 0; at < to.byteSize(); at += 4) {
      to.set(ValueLayout.JAVA_FLOAT_UNALIGNED, at, value);
    }
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

  /** A cheap generator: the bits need only look random. */
  private static final class Xorshift {
    private long state;

    Xorshift(long seed, String name) {
      state = (seed * 0x9E3779B97F4A7C15L ^ name.hashCode()) | 1;
    }

    long next() {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      return state;
    }
  }
}
