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

  void pack(float[] in, int columns, int row, boolean split) {
    int width = padded(columns);
    int from = row * columns;
    int to = row * width;
    if (split) {
      split(in, from, columns, to);
    } else {
      System.arraycopy(in, from, data, to, columns);
      Arrays.fill(data, to + columns, to + width, 0f);
    }
  }

  private void split(float[] in, int from, int columns, int to) {
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
