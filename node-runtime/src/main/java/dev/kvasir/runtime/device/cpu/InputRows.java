package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * The input rows of a product in the form that a weight wants. The arrays grow to what the largest
 * step has needed and are kept.
 */
final class InputRows {
  private float[] floats = {};
  private QuantizedRows quantized = QuantizedRows.NONE;

  /** A row in the order of the weight's columns, for each thread. */
  private final float[][] ordered;

  InputRows(int threads) {
    ordered = new float[threads][0];
  }

  float[] floats() {
    return floats;
  }

  QuantizedRows quantized() {
    return quantized;
  }

  /** Makes room for so many rows; not for several threads. */
  void reserve(InputForm form, int rows) {
    switch (form) {
      case InputForm.Plain plain -> reserveFloats(plain.width(), rows);
      case InputForm.SplitPairs split -> reserveFloats(split.columns().width(), rows);
      case InputForm.Quantized q -> quantized = quantized.atLeast(q.columns(), rows);
      case InputForm.Reordered reordered -> {
        reserve(reordered.form(), rows);
        reserveOrdered(reordered.order().length);
      }
    }
  }

  private void reserveOrdered(int columns) {
    for (int i = 0; i < ordered.length; i++) {
      if (ordered[i].length < columns) {
        ordered[i] = new float[columns];
      }
    }
  }

  private void reserveFloats(int width, int rows) {
    int wanted = Math.multiplyExact(rows, width);
    if (floats.length < wanted) {
      floats = new float[wanted];
    }
  }

  void pack(InputForm form, float[] in, int from, int row, int worker) {
    switch (form) {
      case InputForm.Plain plain -> {
        int at = row * plain.width();
        int packed = plain.columns().width();
        plain.columns().arrange(in, from, floats, at);
        Arrays.fill(floats, at + packed, at + plain.width(), 0f);
      }
      case InputForm.SplitPairs split -> splitPairs(split.columns(), in, from, row);
      case InputForm.Quantized q -> quantized.quantize(q.columns(), in, from, row);
      case InputForm.Reordered reordered -> {
        float[] inOrder = ordered[worker];
        int[] order = reordered.order();
        for (int j = 0; j < order.length; j++) {
          inOrder[j] = in[from + order[j]];
        }
        pack(reordered.form(), inOrder, 0, row, worker);
      }
    }
  }

  private void splitPairs(ColumnGroups groups, float[] in, int from, int row) {
    int columns = groups.columns();
    int to = row * groups.width();
    int pair = 2 * Lanes.COUNT;
    int whole = columns - columns % pair;
    for (int k = 0; k < whole; k += pair) {
      for (int i = 0; i < Lanes.COUNT; i++) {
        floats[to + k + i] = in[from + k + 2 * i];
        floats[to + k + Lanes.COUNT + i] = in[from + k + 2 * i + 1];
      }
    }
    Arrays.fill(floats, to + whole, to + groups.width(), 0f);
    for (int k = whole; k < columns; k++) {
      int inPair = k - whole;
      floats[to + whole + (inPair % 2) * Lanes.COUNT + inPair / 2] = in[from + k];
    }
  }
}
