package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.Weight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;

/**
 * A linear layer's matrix as the products read it.
 *
 * @param splitPairs whether the products want the input's even and odd elements apart
 * @param inputPermutation which input each column reads; null where each reads its own
 * @param bias null where there is none
 */
record CpuWeight(
    List<Part> parts,
    int rows,
    int columns,
    boolean splitPairs,
    int[] inputPermutation,
    float[] bias)
    implements Weight {
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  /** Rows from {@code firstRow} of the whole on, all in one form. */
  sealed interface Part {
    int firstRow();

    int rows();

    /** One row, counted from the part's first, as float32 in the order of its columns. */
    void copyRow(int row, int columns, float[] out, int at);

    default int endRow() {
      return firstRow() + rows();
    }
  }

  /**
   * Bfloat16 or float32, in place wherever its rows need no padding.
   *
   * @param rowBytes of a row with its padding
   */
  record Dense(ElementType type, int firstRow, int rows, long rowBytes, MemorySegment data)
      implements Part {
    @Override
    public void copyRow(int row, int columns, float[] out, int at) {
      long from = row * rowBytes;
      for (int k = 0; k < columns; k++) {
        out[at + k] =
            type == ElementType.BF16
                ? Float.intBitsToFloat(data.get(SHORT, from + 2L * k) << 16)
                : data.get(FLOAT, from + 4L * k);
      }
    }
  }

  /** Quantized, in a form that knows how to bring a row back to float32. */
  record Packed(int firstRow, int rows, RowDecoder decoder) implements Part {
    @Override
    public void copyRow(int row, int columns, float[] out, int at) {
      decoder.decode(row, out, at);
    }
  }

  static CpuWeight of(Weight weight) {
    return (CpuWeight) weight;
  }

  /** Copies one row as float32. */
  void copyRow(int row, float[] out, int at) {
    Part part = partOf(row);
    part.copyRow(row - part.firstRow(), columns, out, at);
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
