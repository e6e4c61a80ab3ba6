package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * Input rows as the matrix products read them: padded with zeros to whole pairs of vectors and, for
 * bfloat16 weights, each pair split into its even and its odd elements.
 */
final class PackedRows {
  /** Columns of weights and packed rows are padded to a multiple of this. */
  static final int PADDING = 32;

  private final float[] data;

  PackedRows(int rows, int widestInput) {
    data = new float[Math.multiplyExact(rows, padded(widestInput))];
  }

  static int padded(int columns) {
    return Math.ceilDiv(columns, PADDING) * PADDING;
  }

  float[] data() {
    return data;
  }

  void pack(float[] in, CpuWeight weight, int row) {
    int columns = weight.columns();
    int to = row * padded(columns);
    if (weight.inputPermutation() == null) {
      arrange(in, row * columns, columns, data, to, weight.splitPairs());
      return;
    }
    float[] ordered = new float[columns];
    for (int j = 0; j < columns; j++) {
      ordered[j] = in[row * columns + weight.inputPermutation()[j]];
    }
    arrange(ordered, 0, columns, data, to, weight.splitPairs());
  }

  /** Puts one row into the products' order, padding included. */
  static void arrange(float[] in, int from, int columns, float[] out, int to, boolean splitPairs) {
    if (splitPairs) {
      split(in, from, columns, out, to);
    } else {
      System.arraycopy(in, from, out, to, columns);
      Arrays.fill(out, to + columns, to + padded(columns), 0f);
    }
  }

  private static void split(float[] in, int from, int columns, float[] data, int to) {
    int lanes = Lanes.COUNT;
    int whole = columns - columns % (2 * lanes);
    for (int k = 0; k < whole; k += 2 * lanes) {
      for (int i = 0; i < lanes; i++) {
        data[to + k + i] = in[from + k + 2 * i];
        data[to + k + lanes + i] = in[from + k + 2 * i + 1];
      }
    }
    Arrays.fill(data, to + whole, to + padded(columns), 0f);
    for (int k = whole; k < columns; k++) {
      int pair = (k - whole) / (2 * lanes) * 2 * lanes;
      int inPair = (k - whole) % (2 * lanes);
      data[to + whole + pair + (inPair % 2) * lanes + inPair / 2] = in[from + k];
    }
  }
}
