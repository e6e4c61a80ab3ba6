package dev.kvasir.runtime.device.cuda;

import java.util.stream.Stream;

/**
 * A linear layer by the products of single warps.
 *
 * @param few whether the kernel for few rows runs
 * @param rowTiles tiles of 8 rows a block
 * @param outputTiles tiles of 16 outputs a warp (many) or a block (few)
 * @param warps of a block
 * @param splits parts of the columns, added up by the last block
 */
record MmaPlan(boolean few, int rowTiles, int outputTiles, int warps, int splits)
    implements LinearPlan {
  static final int WARPS = 8;
  static final int STAGES = 4;
  static final int MOST_SPLITS = 16;
  static final int MOST_FEW_ROWS = 32;

  /**
   * A kernel for few rows.
   *
   * @param tiles of 16 outputs a block
   * @param blocks that a multiprocessor runs at once
   */
  record Few(int tiles, int warps, int blocks) {}

  static MmaPlan choose(Format format, int rows, int outputs, int columns, int multiprocessors) {
    return rows <= MOST_FEW_ROWS
        ? few(format, rows, outputs, columns, multiprocessors)
        : many(format, rows, outputs, columns, multiprocessors);
  }

  /**
   * Of the kernels that run all blocks at once the one that loads the multiprocessors most evenly,
   * else the last; parts only where half of the multiprocessors would idle, since adding them up
   * costs more than that.
   */
  private static MmaPlan few(
      Format format, int rows, int outputs, int columns, int multiprocessors) {
    int size = size(rows);
    Few[] kernels = format.few()[size];
    Few best = kernels[kernels.length - 1];
    double least = Double.MAX_VALUE;
    for (Few kernel : kernels) {
      int blocks = Math.ceilDiv(outputs, 16 * kernel.tiles());
      int most = Math.ceilDiv(blocks, multiprocessors);
      double load = (double) most * multiprocessors / blocks;
      if (most <= kernel.blocks() && load < least) {
        best = kernel;
        least = load;
      }
    }
    return few(1 << size, best, format, outputs, columns, multiprocessors);
  }

  private static int size(int rows) {
    return rows <= 8 ? 0 : rows <= 16 ? 1 : 2;
  }

  /** Whether a kernel for few rows takes so many and has a place for each of its blocks. */
  static boolean runsAtOnce(Format format, int rows, int outputs, int multiprocessors) {
    return rows <= MOST_FEW_ROWS
        && Stream.of(format.few()[size(rows)])
            .anyMatch(f -> Math.ceilDiv(outputs, 16 * f.tiles()) <= f.blocks() * multiprocessors);
  }

  static MmaPlan few(
      int rowTiles, Few kernel, Format format, int outputs, int columns, int multiprocessors) {
    int blocks = Math.ceilDiv(outputs, 16 * kernel.tiles());
    int most = Math.clamp(columns / (format.step() * 8), 1, MOST_SPLITS);
    int splits = Math.clamp(multiprocessors / blocks, 1, most);
    return new MmaPlan(true, rowTiles, kernel.tiles(), kernel.warps(), splits);
  }

  private static MmaPlan many(
      Format format, int rows, int outputs, int columns, int multiprocessors) {
    int rowTiles = rows <= 64 ? 8 : 16;
    int outputTiles = rows <= 64 ? 1 : 2;
    int blocks = Math.ceilDiv(rows, 8 * rowTiles) * Math.ceilDiv(outputs, 16 * outputTiles * WARPS);
    int room = (rows <= 64 ? 2 : 1) * multiprocessors;
    int most = Math.clamp(columns / (format.step() * 4), 1, MOST_SPLITS);
    return new MmaPlan(false, rowTiles, outputTiles, WARPS, Math.clamp(room / blocks, 1, most));
  }

  @Override
  public Grid grid(int rows, int outputs) {
    if (few) {
      return Grid.of(Math.ceilDiv(outputs, 16 * outputTiles), splits);
    }
    return new Grid(
        Math.ceilDiv(rows, 8 * rowTiles), Math.ceilDiv(outputs, 16 * outputTiles * WARPS), splits);
  }

  @Override
  public int sharedBytes() {
    return few ? 0 : STAGES * rowTiles * 8 * 128;
  }

  @Override
  public int threads() {
    return 32 * warps;
  }

  @Override
  public long partialFloats(int rows, int outputs) {
    return splits == 1 ? 0 : (long) splits * rows * outputs;
  }

  @Override
  public String variant(String prefix) {
    return few
        ? "few_%s%d_%dx%d".formatted(prefix, rowTiles, outputTiles, warps)
        : "many_%s%d_%d".formatted(prefix, rowTiles, outputTiles);
  }

  MmaPlan withSplits(int count) {
    return new MmaPlan(few, rowTiles, outputTiles, warps, count);
  }
}
