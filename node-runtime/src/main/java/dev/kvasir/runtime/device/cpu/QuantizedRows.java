package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * Input rows as 8-bit integers, symmetric, with a scale for each segment of columns.
 *
 * @param values one to a short
 * @param scales a segment's each
 * @param starts for each segment -8 times its sum: what products with unsigned nibbles start from
 * @param sums for each of the weight's groups the sum of its inputs, as quantized
 */
record QuantizedRows(short[] values, float[] scales, short[] starts, float[] sums) {
  static final QuantizedRows NONE =
      new QuantizedRows(new short[0], new float[0], new short[0], new float[0]);

  private static final int LARGEST = 127;

  /** Adding it rounds to an integer and leaves that in the low bits. */
  private static final float MAGIC = 12582912f;

  QuantizedRows atLeast(NibbleColumns columns, int rows) {
    int wanted = Math.multiplyExact(rows, columns.width());
    int segments = rows * columns.allSegments();
    int groups = rows * columns.groups();
    if (values.length >= wanted && scales.length >= segments && sums.length >= groups) {
      return this;
    }
    segments = Math.max(segments, scales.length);
    return new QuantizedRows(
        new short[Math.max(wanted, values.length)],
        new float[segments],
        new short[segments],
        new float[Math.max(groups, sums.length)]);
  }

  void quantize(NibbleColumns columns, float[] in, int from, int row) {
    int width = 4 * columns.wordsOfSegment();
    int firstSegment = row * columns.allSegments();
    for (int group = 0; group < columns.groups(); group++) {
      float groupSum = 0;
      for (int s = group * columns.segments(); s < (group + 1) * columns.segments(); s++) {
        int first = from + columns.firstColumn(s);
        int to = (firstSegment + s) * width;
        int sum = segment(in, first, columns.columnsOf(s), to, width, firstSegment + s);
        starts[firstSegment + s] = (short) (-8 * sum);
        groupSum = Math.fma(sum, scales[firstSegment + s], groupSum);
      }
      sums[row * columns.groups() + group] = groupSum;
    }
  }

  /** Returns the integers' sum. */
  private int segment(float[] in, int from, int count, int to, int width, int segment) {
    float largest = largest(in, from, count);
    scales[segment] = largest / LARGEST;
    float inverse = largest == 0 ? 0 : LARGEST / largest;
    int sum = 0;
    for (int k = 0; k < count; k++) {
      int value = Float.floatToRawIntBits(in[from + k] * inverse + MAGIC);
      short rounded = (short) (value - Float.floatToRawIntBits(MAGIC));
      values[to + k] = rounded;
      sum += rounded;
    }
    Arrays.fill(values, to + count, to + width, (short) 0);
    return sum;
  }

  /** Not a number where any element is not. */
  private static float largest(float[] in, int from, int count) {
    float largest = 0;
    for (int k = 0; k < count; k++) {
      largest = Math.max(largest, Math.abs(in[from + k]));
    }
    return largest;
  }
}
