package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Weight;
import java.util.List;

/**
 * A linear layer's matrix as the products read it.
 *
 * @param bias null where there is none
 */
record CpuWeight(List<Part> parts, int rows, int columns, float[] bias) implements Weight {

  /** Rows of the whole that are stored in one way. */
  interface Part {
    int firstRow();

    int rows();

    /** How it wants the input. */
    InputForm inputForm();

    /** Rows that are computed together: a product is shared out in units of so many. */
    int unitRows();

    /**
     * Computes some units for some input rows.
     *
     * @param out where they go, at the columns that the part's rows have in the whole
     */
    void multiply(
        InputRows in, int fromRow, int toRow, int fromUnit, int toUnit, CpuBuffer out, Scratch s);

    /** One row, counted from the part's first, as float32 in the order of its columns. */
    void copyRow(int row, float[] out, int at);

    default int units() {
      return Math.ceilDiv(rows(), unitRows());
    }
  }

  static CpuWeight of(Weight weight) {
    return (CpuWeight) weight;
  }

  int units() {
    int units = 0;
    for (int i = 0; i < parts.size(); i++) {
      units += parts.get(i).units();
    }
    return units;
  }

  /** Copies one row as float32. */
  void copyRow(int row, float[] out, int at) {
    for (int i = 0; i < parts.size(); i++) {
      Part part = parts.get(i);
      int inPart = row - part.firstRow();
      if (inPart >= 0 && inPart < part.rows()) {
        part.copyRow(inPart, out, at);
        return;
      }
    }
    throw new IndexOutOfBoundsException("row " + row + " of " + rows);
  }
}
