package dev.kvasir.runtime.device.cuda;

/**
 * How a linear layer is spread over the GPU for a number of rows, in pure code.
 *
 * @param few whether the kernel for few rows runs
 * @param rowTiles tiles of 8 rows a block
 * @param outputTiles tiles of 16 outputs a warp (many) or a block (few)
 * @param splits parts of the columns, added up by the last block
 */
record LinearPlan(boolean few, int rowTiles, int outputTiles, int splits) {
  static final int WARPS = 8;

  /** Of the kernels for few rows with 4 tiles a block. */
  static final int FEW_WIDE_WARPS = 4;

  static final int STAGES = 4;
  static final int MOST_SPLITS = 16;
  static final int MOST_FEW_ROWS = 32;

  /**
   * What a format's kernels are built with.
   *
   * @param step columns that a warp loads at once
   * @param fewTiles tiles of 16 outputs a block may have in the kernels for up to 8, 16 and 32 rows
   */
  record Format(int step, int[][] fewTiles) {
    /** Formats whose operands are the loaded words themselves. */
    static Format ofRows(int step) {
      return new Format(step, new int[][] {{2}, {2}, {2}});
    }
  }

  static LinearPlan choose(Format format, int rows, int outputs, int columns, int multiprocessors) {
    return rows <= MOST_FEW_ROWS
        ? few(format, rows, outputs, columns, multiprocessors)
        : many(format, rows, outputs, columns, multiprocessors);
  }

  /**
   * The fewest tiles a block with which two blocks a multiprocessor are enough; parts only where
   * half of the multiprocessors would idle, since adding them up costs more than that.
   */
  private static LinearPlan few(
      Format format, int rows, int outputs, int columns, int multiprocessors) {
    int size = rows <= 8 ? 0 : rows <= 16 ? 1 : 2;
    int tiles = 0;
    for (int possible : format.fewTiles()[size]) {
      tiles = possible;
      if (Math.ceilDiv(outputs, 16 * possible) <= 2 * multiprocessors) {
        break;
      }
    }
    int blocks = Math.ceilDiv(outputs, 16 * tiles);
    int most = Math.clamp(columns / (format.step() * 8), 1, MOST_SPLITS);
    return new LinearPlan(true, 1 << size, tiles, Math.clamp(multiprocessors / blocks, 1, most));
  }

  private static LinearPlan many(
      Format format, int rows, int outputs, int columns, int multiprocessors) {
    int rowTiles = rows <= 64 ? 8 : 16;
    int outputTiles = rows <= 64 ? 1 : 2;
    int blocks = Math.ceilDiv(rows, 8 * rowTiles) * Math.ceilDiv(outputs, 16 * outputTiles * WARPS);
    int room = (rows <= 64 ? 2 : 1) * multiprocessors;
    int most = Math.clamp(columns / (format.step() * 4), 1, MOST_SPLITS);
    return new LinearPlan(false, rowTiles, outputTiles, Math.clamp(room / blocks, 1, most));
  }

  /**
   * Floats that the parts of a product take at most: parts are made only while their blocks find
   * room at once, and a block's outputs and rows are those of its tile.
   */
  static long mostPartials(int multiprocessors) {
    return (long) multiprocessors * (8 * 16) * (16 * 2 * WARPS);
  }

  Grid grid(int rows, int outputs) {
    if (few) {
      return Grid.of(Math.ceilDiv(outputs, 16 * outputTiles), splits);
    }
    return new Grid(
        Math.ceilDiv(rows, 8 * rowTiles), Math.ceilDiv(outputs, 16 * outputTiles * WARPS), splits);
  }

  int sharedBytes() {
    return few ? 0 : STAGES * rowTiles * 8 * 128;
  }

  int threads() {
    return 32 * (few && outputTiles == 4 ? FEW_WIDE_WARPS : WARPS);
  }

  /** The end of the kernel's name. */
  String variant(String prefix) {
    return "%s_%s%d_%d".formatted(few ? "few" : "many", prefix, rowTiles, outputTiles);
  }

  LinearPlan withSplits(int count) {
    return new LinearPlan(few, rowTiles, outputTiles, count);
  }
}
