package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Rows of 8-bit weights with a scale for each group of columns. A weight becomes the float32 (q -
 * zero) * scale where it is used. Each output is one accumulator over the columns in order, so it
 * does not depend on the tile.
 *
 * <p>Four vectors of columns form a block, in which a 32-bit lane holds one column of each, the
 * first vector's in the low bits. Four rows lie together, block by block, so that reading them is
 * one stream.
 *
 * @param e4m3 whether they are 8-bit floats rather than signed integers
 * @param width of a row: whole blocks
 * @param data of each four rows a block of each in turn; a row's groups are padded to whole vectors
 * @param scales float32, a row's groups one after another
 * @param zeros float32 likewise; null where all are 0
 */
record ByteTiles(
    boolean e4m3,
    ColumnGroups columns,
    int width,
    MemorySegment data,
    MemorySegment scales,
    MemorySegment zeros)
    implements Tiles {
  /** Columns of a block. */
  static final int BLOCK = 4 * Lanes.COUNT;

  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  static int width(ColumnGroups columns) {
    return Math.ceilDiv(columns.width(), BLOCK) * BLOCK;
  }

  /** Bytes of so many rows. */
  static long bytes(int rows, int width) {
    return Math.ceilDiv(rows, 4) * 4L * width;
  }

  /** Where a row's byte of a padded column is. */
  static long place(int row, int column, int width) {
    int inBlock = column % BLOCK;
    return (row - row % 4) * (long) width
        + 4L * (column - inBlock)
        + row % 4 * (long) BLOCK
        + 4L * (inBlock % Lanes.COUNT)
        + inBlock / Lanes.COUNT;
  }

  /** Where a row's block that starts with this padded column is. */
  long at(int row, int column) {
    return place(row, column, width);
  }

  @Override
  public void expand(int row, float[] out, int at) {
    int groupWidth = columns.groupWidth();
    int groups = columns.groups();
    long first = at(row, 0);
    for (int group = 0; group < groups; group++) {
      // What lies behind the last group is padding, and the inputs there are zeros.
      int from = group * groupWidth;
      int to = group == groups - 1 ? width : from + groupWidth;
      int g = row * groups + group;
      float scale = scales.get(FLOAT, 4L * g);
      if (e4m3) {
        ByteKernel.expandE4m3(data, first, from, to, scale, out, at);
      } else {
        ByteKernel.expand(data, first, from, to, zeroOf(g), scale, out, at);
      }
    }
  }

  /** Whether the products need no tile. */
  private boolean direct() {
    return !e4m3 && zeros == null && columns.groupWidth() % BLOCK == 0;
  }

  /** Whether one row of inputs needs no tile for four rows of 8-bit floats. */
  private boolean directE4m3(int row) {
    int groups = columns.groups();
    boolean fits = e4m3 && columns.groupWidth() % BLOCK == 0;
    for (int group = row * groups; fits && group < (row + 4) * groups; group++) {
      fits = Math.abs(scales.get(FLOAT, 4L * group)) < ByteKernel.LARGEST_E4M3_SCALE;
    }
    return fits;
  }

  @Override
  public void fourByFour(float[] x, int x0, int row, float[] sums, Scratch scratch) {
    if (direct()) {
      ByteKernel.fourByFour(x, x0, this, row, sums);
    } else {
      ExpandedTile.multiply(x, x0, tile(row, scratch), width, sums);
    }
  }

  @Override
  public void oneByFour(float[] x, int x0, int row, float[] y, int y0, Scratch scratch) {
    if (direct()) {
      ByteKernel.oneByFour(x, x0, this, row, scratch.sums());
    } else if (directE4m3(row)) {
      ByteKernel.oneByFourE4m3(x, x0, this, row, scratch.sums());
    } else {
      ExpandedTile.oneByFour(x, x0, tile(row, scratch), width, scratch.sums());
    }
    Lanes.sum4(scratch.sums(), 0, y, y0);
  }

  private float[] tile(int row, Scratch scratch) {
    float[] tile = scratch.tile(4 * width);
    for (int i = 0; i < 4; i++) {
      expand(row + i, tile, i * width);
    }
    return tile;
  }

  @Override
  public float oneByOne(float[] x, int x0, int row, Scratch scratch) {
    float[] tile = scratch.tile(width);
    expand(row, tile, 0);
    return ExpandedTile.oneByOne(x, x0, tile, width);
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    for (int k = 0; k < columns.columns(); k++) {
      int group = k / columns.groupSize();
      int g = row * columns.groups() + group;
      int padded = group * columns.groupWidth() + k % columns.groupSize();
      byte q = data.get(ValueLayout.JAVA_BYTE, place(row, padded, width));
      float value = e4m3 ? E4m3.toFloat(q) : q - zeroOf(g);
      out[at + k] = value * scales.get(FLOAT, 4L * g);
    }
  }

  private float zeroOf(int group) {
    return zeros == null ? 0 : zeros.get(FLOAT, 4L * group);
  }
}
