package dev.kvasir.runtime.device.cpu;

/**
 * Weight rows in one way of storing them, and small products with an input row. They add up an
 * output in the same order as {@link ExpandedTile} and so give the same bits.
 */
interface Tiles {

  /** One weight row as float32, in the order in which the products read it. */
  void expand(int row, float[] out, int at);

  /**
   * Four input rows, each {@code width} after the one before it, times four weight rows.
   *
   * @param sums takes the sixteen vectors whose lanes' sums are the outputs, four to an input row
   */
  void fourByFour(float[] x, int x0, int row, float[] sums, Scratch scratch);

  /** One input row times four weight rows. */
  void oneByFour(float[] x, int x0, int row, float[] y, int y0, Scratch scratch);

  /** One input row times one weight row. */
  float oneByOne(float[] x, int x0, int row, Scratch scratch);

  /** One weight row as float32, in the order of its columns. */
  void copyRow(int row, float[] out, int at);
}
