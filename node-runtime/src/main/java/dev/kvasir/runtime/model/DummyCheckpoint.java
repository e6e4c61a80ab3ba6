package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Set;

/** Random bfloat16 weights, for measuring models whose weights are not at hand. */
final class DummyCheckpoint implements Checkpoint {
  private final Arena arena;
  private final long seed;
  private final long parameters;

  DummyCheckpoint(Arena arena, long seed, long parameters) {
    this.arena = arena;
    this.seed = seed;
    this.parameters = parameters;
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    long elements = (long) rows * columns;
    MemorySegment data = arena.allocate(2 * elements, 64);
    long state = (seed * 0x9E3779B97F4A7C15L ^ name.hashCode()) | 1;
    for (long i = 0; i < elements; i++) {
      state ^= state << 13;
      state ^= state >>> 7;
      state ^= state << 17;
      float value = ((state >> 40) * 0x1p-23f) * 0.035f;
      data.set(
          ValueLayout.JAVA_SHORT_UNALIGNED, 2 * i, (short) (Float.floatToRawIntBits(value) >> 16));
    }
    return new HostWeight.Dense(ElementType.BF16, rows, columns, data);
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
    return 2 * parameters;
  }

  @Override
  public Set<String> unused() {
    return Set.of();
  }
}
