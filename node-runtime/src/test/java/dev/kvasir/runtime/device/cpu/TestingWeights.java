package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;

/**
 * A random matrix in one of the forms, and its values as the form's definition says.
 *
 * @param values row by row
 */
record TestingWeights(HostWeight weight, float[] values) {

  enum Form {
    BF16,
    INT4,
    INT8,
    INT8_WITH_ZEROS,
    FP8_TENSOR,
    FP8_CHANNEL,
    FP8_BLOCK
  }

  static TestingWeights random(
      SplittableRandom random, Form form, int rows, int columns, Arena arena) {
    int[] sizes = {8, 32, 128, columns, 1 + random.nextInt(columns)};
    int group = sizes[random.nextInt(sizes.length)];
    return switch (form) {
      case BF16 -> bf16(random, rows, columns, arena);
      case INT4 -> int4(random, rows, columns, group, arena);
      case INT8 -> int8(random, rows, columns, group, false, arena);
      case INT8_WITH_ZEROS -> int8(random, rows, columns, group, true, arena);
      case FP8_TENSOR -> fp8(random, rows, columns, rows, columns, arena);
      case FP8_CHANNEL -> fp8(random, rows, columns, 1, columns, arena);
      case FP8_BLOCK -> fp8(random, rows, columns, 1 + random.nextInt(128), 128, arena);
    };
  }

  static float[] gaussians(SplittableRandom random, int n) {
    float[] values = new float[n];
    for (int i = 0; i < n; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static TestingWeights bf16(SplittableRandom random, int rows, int columns, Arena arena) {
    MemorySegment data = arena.allocate(2L * rows * columns);
    float[] values = gaussians(random, rows * columns);
    for (int i = 0; i < values.length; i++) {
      short high = (short) (Float.floatToRawIntBits(values[i]) >> 16);
      data.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, high);
      values[i] = Float.intBitsToFloat(high << 16);
    }
    return new TestingWeights(new HostWeight.Dense(ElementType.BF16, rows, columns, data), values);
  }

  private static TestingWeights int4(
      SplittableRandom random, int rows, int columns, int group, Arena arena) {
    int groups = Math.ceilDiv(columns, group);
    int rowBytes = Math.ceilDiv(columns, 2);
    byte[] data = new byte[rows * rowBytes];
    random.nextBytes(data);
    byte[] zeros = new byte[rows * groups];
    for (int i = 0; i < zeros.length; i++) {
      zeros[i] = (byte) random.nextInt(17);
    }
    float[] scales = scales(random, rows * groups);
    float[] values = new float[rows * columns];
    for (int i = 0; i < values.length; i++) {
      int row = i / columns;
      int k = i % columns;
      int q = data[row * rowBytes + k / 2] >> (k % 2 * 4) & 15;
      int at = row * groups + k / group;
      values[i] = (q - zeros[at]) * scales[at];
    }
    return new TestingWeights(
        new HostWeight.Int4(
            rows, columns, group, bytes(data, arena), floats(scales, arena), bytes(zeros, arena)),
        values);
  }

  private static TestingWeights int8(
      SplittableRandom random, int rows, int columns, int group, boolean zeroed, Arena arena) {
    int groups = Math.ceilDiv(columns, group);
    byte[] data = new byte[rows * columns];
    random.nextBytes(data);
    float[] scales = scales(random, rows * groups);
    MemorySegment zeros = arena.allocate(2L * rows * groups);
    float[] values = new float[rows * columns];
    for (int i = 0; zeroed && i < rows * groups; i++) {
      zeros.set(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * i, (short) random.nextInt(-128, 129));
    }
    for (int i = 0; i < values.length; i++) {
      int at = i / columns * groups + i % columns / group;
      int zero = zeros.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * at);
      values[i] = (data[i] - zero) * scales[at];
    }
    return new TestingWeights(
        new HostWeight.Int8(
            rows,
            columns,
            group,
            bytes(data, arena),
            floats(scales, arena),
            zeroed ? zeros : null,
            new ActivationScale.None()),
        values);
  }

  private static TestingWeights fp8(
      SplittableRandom random,
      int rows,
      int columns,
      int blockRows,
      int blockColumns,
      Arena arena) {
    int across = Math.ceilDiv(columns, blockColumns);
    float[] scales = scales(random, Math.ceilDiv(rows, blockRows) * across);
    byte[] data = new byte[rows * columns];
    float[] values = new float[rows * columns];
    for (int i = 0; i < data.length; i++) {
      do {
        data[i] = (byte) random.nextInt(256);
      } while ((data[i] & 0x7F) == 0x7F);
      float scale = scales[i / columns / blockRows * across + i % columns / blockColumns];
      values[i] = e4m3(data[i] & 0xFF) * scale;
    }
    return new TestingWeights(
        new HostWeight.Fp8(
            rows,
            columns,
            blockRows,
            blockColumns,
            bytes(data, arena),
            floats(scales, arena),
            new ActivationScale.None()),
        values);
  }

  private static float e4m3(int bits) {
    int exponent = bits >> 3 & 15;
    double fraction = (bits & 7) / 8.0;
    double size = exponent == 0 ? fraction / 64 : (1 + fraction) * Math.pow(2, exponent - 7);
    return (float) (bits < 128 ? size : -size);
  }

  private static float[] scales(SplittableRandom random, int n) {
    float[] scales = new float[n];
    for (int i = 0; i < n; i++) {
      scales[i] = 0.001f + 0.01f * random.nextFloat();
    }
    return scales;
  }

  private static MemorySegment bytes(byte[] values, Arena arena) {
    return arena.allocate(values.length, 64).copyFrom(MemorySegment.ofArray(values));
  }

  private static MemorySegment floats(float[] values, Arena arena) {
    return arena.allocate(4L * values.length, 64).copyFrom(MemorySegment.ofArray(values));
  }
}
