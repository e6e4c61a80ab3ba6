package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.device.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Reads, writes and rounds plain elements of a type. */
record Elements(ElementType type) {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  float get(MemorySegment data, long index) {
    return switch (type) {
      case F32 -> data.get(FLOAT, 4 * index);
      case F16 -> Float.float16ToFloat(data.get(SHORT, 2 * index));
      case BF16 -> Float.intBitsToFloat(data.get(SHORT, 2 * index) << 16);
    };
  }

  void set(MemorySegment data, long index, float value) {
    switch (type) {
      case F32 -> data.set(FLOAT, 4 * index, value);
      case F16 -> data.set(SHORT, 2 * index, Float.floatToFloat16(value));
      case BF16 -> data.set(SHORT, 2 * index, toBfloat16(value));
    }
  }

  /** The nearest value of the type. */
  float round(float value) {
    return switch (type) {
      case F32 -> value;
      case F16 -> Float.float16ToFloat(Float.floatToFloat16(value));
      case BF16 -> Float.intBitsToFloat(toBfloat16(value) << 16);
    };
  }

  private static short toBfloat16(float value) {
    int bits = Float.floatToRawIntBits(value);
    return (short) ((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }
}
