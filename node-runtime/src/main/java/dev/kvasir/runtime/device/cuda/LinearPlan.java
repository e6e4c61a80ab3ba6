package dev.kvasir.runtime.device.cuda;

/** How a linear layer is spread over the GPU for a number of rows, in pure code. */
sealed interface LinearPlan permits MmaPlan, WgmmaPlan {
  /**
   * What a plan must know of a GPU.
   *
   * @param wgmma whether it has Hopper's warpgroup products
   */
  record Chip(int multiprocessors, boolean wgmma) {
    static Chip of(Gpu gpu) {
      return new Chip(gpu.multiprocessors(), gpu.computeCapability() == 90);
    }
  }

  /**
   * What a format's kernels are built with.
   *
   * @param step columns that a warp loads at once
   * @param few kernels for up to 8, 16 and 32 rows
   * @param wgmma what there is of warpgroup products
   */
  record Format(int step, MmaPlan.Few[][] few, WgmmaPlan.Sizes wgmma) {
    /**
     * Formats whose operands are the loaded words themselves.
     *
     * @param blocksOf32Rows that a multiprocessor runs at once
     */
    static Format ofRows(int step, int blocksOf32Rows, WgmmaPlan.Sizes wgmma) {
      MmaPlan.Few[] two = {new MmaPlan.Few(2, 8, 2)};
      MmaPlan.Few[] last = {new MmaPlan.Few(2, 8, blocksOf32Rows)};
      return new Format(step, new MmaPlan.Few[][] {two, two, last}, wgmma);
    }
  }

  static LinearPlan choose(Format format, int rows, int outputs, int columns, Chip chip) {
    boolean few = MmaPlan.runsAtOnce(format, rows, outputs, chip.multiprocessors());
    return chip.wgmma() && rows >= format.wgmma().fromRows() && !few
        ? WgmmaPlan.choose(format.wgmma(), rows, outputs, columns, chip.multiprocessors())
        : MmaPlan.choose(format, rows, outputs, columns, chip.multiprocessors());
  }

  /**
   * Floats that the parts of a product take at most: as many as a block of the largest tile has
   * outputs and rows.
   */
  static long mostPartials(int multiprocessors) {
    return (long) multiprocessors * 128 * 256;
  }

  Grid grid(int rows, int outputs);

  int threads();

  int sharedBytes();

  /** Room for the parts of sums that blocks leave to the last of them; 0 where none are left. */
  long partialFloats(int rows, int outputs);

  /** The end of the kernel's name. */
  String variant(String prefix);
}
