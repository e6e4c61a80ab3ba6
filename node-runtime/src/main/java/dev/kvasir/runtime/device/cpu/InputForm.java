package dev.kvasir.runtime.device.cpu;

/** How input rows are laid out for a part of a weight. Parts of equal forms share the rows. */
sealed interface InputForm {

  /**
   * Float32 in the order of the columns.
   *
   * @param width elements of a row, the groups' and its own padding included
   */
  record Plain(ColumnGroups columns, int width) implements InputForm {}

  /** Float32, in pairs of vectors: the even elements of both, then the odd ones. */
  record SplitPairs(ColumnGroups columns) implements InputForm {}

  /**
   * In the order that a quantizer gave the columns; forms are equal where the array is the same.
   */
  record Reordered(int[] order, InputForm form) implements InputForm {}

  /** 8-bit integers with a scale for each segment of the columns. */
  record Quantized(NibbleColumns columns) implements InputForm {}
}
