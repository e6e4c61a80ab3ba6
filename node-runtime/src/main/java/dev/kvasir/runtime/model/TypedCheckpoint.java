package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.OptionalDouble;
import java.util.Set;

/** A checkpoint whose matrices are converted to one type, as {@code --dtype} asks. */
record TypedCheckpoint(Checkpoint stored, ElementType type, Arena arena, long bytes)
    implements Checkpoint {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  TypedCheckpoint {
    if (type == ElementType.F16) {
      throw new IllegalArgumentException("no device computes from float16");
    }
  }

  @Override
  public HostWeight.Dense matrix(String name, int rows, int columns) {
    return typed(stored.matrix(name, rows, columns));
  }

  /** Quantized weights stay as they are. */
  @Override
  public Linear linear(String name, int rows, int columns, boolean biased, Arena scratch) {
    Linear linear = stored.linear(name, rows, columns, biased, scratch);
    return linear.weight() instanceof HostWeight.Dense dense
        ? new Linear(typed(dense), linear.bias(), linear.inputPermutation())
        : linear;
  }

  private HostWeight.Dense typed(HostWeight.Dense from) {
    if (from.type() == type) {
      return from;
    }
    long elements = (long) from.rows() * from.columns();
    MemorySegment to = arena.allocate(elements * type.bytes(), 64);
    for (long i = 0; i < elements; i++) {
      float value = element(from, i);
      if (type == ElementType.BF16) {
        to.set(SHORT, 2 * i, toBfloat16(value));
      } else {
        to.set(FLOAT, 4 * i, value);
      }
    }
    return new HostWeight.Dense(type, from.rows(), from.columns(), to);
  }

  private static float element(HostWeight.Dense from, long i) {
    return switch (from.type()) {
      case F32 -> from.data().get(FLOAT, 4 * i);
      case F16 -> Float.float16ToFloat(from.data().get(SHORT, 2 * i));
      case BF16 -> Float.intBitsToFloat(from.data().get(SHORT, 2 * i) << 16);
    };
  }

  /** Rounds to nearest, ties to even. */
  static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >> 16 | 0x40);
    }
    return (short) ((bits + 0x7FFF + (bits >> 16 & 1)) >> 16);
  }

  @Override
  public float[] vector(String name, int length) {
    return stored.vector(name, length);
  }

  @Override
  public OptionalDouble scalar(String name) {
    return stored.scalar(name);
  }

  @Override
  public Set<String> unused() {
    return stored.unused();
  }
}
