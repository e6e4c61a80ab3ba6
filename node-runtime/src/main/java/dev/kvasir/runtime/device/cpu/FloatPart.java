package dev.kvasir.runtime.device.cpu;

/**
 * Rows that are computed in float32: four of them at a time meet all input rows, expanded to
 * float32 first where that pays.
 */
record FloatPart(int firstRow, int rows, InputForm inputForm, int width, Tiles tiles)
    implements CpuWeight.Part {
  private static final int CACHED_FLOATS = 128 * 1024;

  /** From so many input rows on, writing a tile of float32 costs less than converting anew. */
  private static final int MANY_ROWS = 16;

  @Override
  public int unitRows() {
    return 4;
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    tiles.copyRow(row, out, at);
  }

  /** Takes as many input rows at once as the second-level cache holds. */
  @Override
  public void multiply(
      InputRows in, int fromRow, int toRow, int fromUnit, int toUnit, CpuBuffer out, Scratch s) {
    int block = Math.max(4, CACHED_FLOATS / width / 4 * 4);
    for (int row = fromRow; row < toRow; row += block) {
      for (int unit = fromUnit; unit < toUnit; unit++) {
        unit(in.floats(), row, Math.min(toRow, row + block), 4 * unit, out, s);
      }
    }
  }

  private void unit(float[] x, int fromRow, int toRow, int first, CpuBuffer out, Scratch s) {
    float[] y = out.data();
    int n = firstRow + first;
    int row = fromRow;
    if (first + 4 > rows) {
      for (; row < toRow; row++) {
        for (int i = 0; first + i < rows; i++) {
          y[row * out.columns() + n + i] = tiles.oneByOne(x, row * width, first + i, s);
        }
      }
      return;
    }
    float[] tile = toRow - fromRow < MANY_ROWS ? null : tile(first, s);
    for (; row + 4 <= toRow; row += 4) {
      if (tile == null) {
        tiles.fourByFour(x, row * width, first, s.sums(), s);
      } else {
        ExpandedTile.multiply(x, row * width, tile, width, s.sums());
      }
      for (int i = 0; i < 4; i++) {
        Lanes.sum4(s.sums(), 4 * i * Lanes.COUNT, y, (row + i) * out.columns() + n);
      }
    }
    for (; row < toRow; row++) {
      tiles.oneByFour(x, row * width, first, y, row * out.columns() + n, s);
    }
  }

  private float[] tile(int first, Scratch s) {
    float[] tile = s.tile(4 * width);
    for (int i = 0; i < 4; i++) {
      tiles.expand(first + i, tile, i * width);
    }
    return tile;
  }
}
