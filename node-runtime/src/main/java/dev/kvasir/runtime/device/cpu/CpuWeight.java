package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A linear layer's matrix, bfloat16 or float32, in place wherever its rows need no padding.
 *
 * @param bias null where there is none
 */
record CpuWeight(List<Part> parts, int rows, int columns, float[] bias) implements Weight {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Rows from {@code firstRow} of the whole on, each {@code rowBytes} long, padding included. */
  record Part(ElementType type, int firstRow, int rows, long rowBytes, MemorySegment data) {
    int endRow() {
      return firstRow + rows;
    }
  }

  static CpuWeight of(Weight weight) {
    return (CpuWeight) weight;
  }

  /** Copies one row as float32. */
  void copyRow(int row, float[] out, int at) {
    Part part = partOf(row);
    long from = (row - part.firstRow()) * part.rowBytes();
    for (int k = 0; k < columns; k++) {
      out[at + k] =
          part.type() == ElementType.BF16
              ? Float.intBitsToFloat(part.data().get(SHORT, from + 2L * k) << 16)
              : part.data().get(FLOAT, from + 4L * k);
    }
  }

  private Part partOf(int row) {
    for (Part part : parts) {
      if (row < part.endRow()) {
        return part;
      }
    }
    throw new IndexOutOfBoundsException("row " + row + " of " + rows);
  }
}
