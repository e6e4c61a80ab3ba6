package dev.kvasir.runtime.device.cuda;

/**
 * A linear layer by Hopper's warpgroup products.
 *
 * @param blocks of the launch, of which each multiprocessor runs one
 * @param shared whether the blocks share all work evenly, tile after tile, and the one that begins
 *     a tile adds up its parts; else they take whole tiles in turn
 */
record WgmmaPlan(Tile tile, int blocks, boolean shared) implements LinearPlan {
  private static final int THREADS = 512;
  private static final int SHARED_BYTES = 226 * 1024;
  private static final int OUTPUTS = 128;

  /** Stages of a block below which it costs more to start than to work. */
  private static final int FEWEST_STAGES = 4;

  /** Multiprocessors that larger tiles must keep busy. */
  private static final double BUSY = 0.8;

  /**
   * A kernel's tile: so many rows x outputs times 128.
   *
   * @param stageColumns columns that go through shared memory at once
   */
  record Tile(int rows, int outputs, int stageColumns) {
    private int count(int ofRows, int ofOutputs) {
      return Math.ceilDiv(ofRows, rows) * Math.ceilDiv(ofOutputs, OUTPUTS * outputs);
    }

    private int stages(int columns) {
      return Math.ceilDiv(columns, stageColumns);
    }
  }

  /**
   * What a format's kernels are built with.
   *
   * @param fromRows from which on these kernels can be the faster ones
   * @param idleStages that a multiprocessor may wait for others rather than share their work; as
   *     measured on an H100 with the layers of Llama-3.1-8B
   * @param tiles by rows, then outputs
   */
  record Sizes(int fromRows, int idleStages, Tile... tiles) {}

  /**
   * The smallest tile that has all rows, or the largest; of two the larger where it keeps the
   * multiprocessors busy.
   */
  static WgmmaPlan choose(Sizes sizes, int rows, int outputs, int columns, int multiprocessors) {
    Tile[] tiles = sizes.tiles();
    int tileRows = tiles[tiles.length - 1].rows();
    for (Tile tile : tiles) {
      if (tile.rows() >= rows) {
        tileRows = tile.rows();
        break;
      }
    }
    Tile best = null;
    for (Tile tile : tiles) {
      if (tile.rows() == tileRows
          && (best == null || tile.count(rows, outputs) >= BUSY * multiprocessors)) {
        best = tile;
      }
    }
    return of(best, sizes.idleStages(), rows, outputs, columns, multiprocessors);
  }

  /** Shares the work where whole tiles would leave some multiprocessors idle for long. */
  static WgmmaPlan of(
      Tile tile, int idleStages, int rows, int outputs, int columns, int multiprocessors) {
    int count = tile.count(rows, outputs);
    int waves = Math.ceilDiv(count, multiprocessors);
    double idle = (waves - (double) count / multiprocessors) * tile.stages(columns);
    return waves > 2 || idle <= idleStages
        ? whole(tile, rows, outputs, multiprocessors)
        : sharing(tile, rows, outputs, columns, multiprocessors);
  }

  static WgmmaPlan whole(Tile tile, int rows, int outputs, int multiprocessors) {
    return new WgmmaPlan(tile, Math.min(tile.count(rows, outputs), multiprocessors), false);
  }

  static WgmmaPlan sharing(Tile tile, int rows, int outputs, int columns, int multiprocessors) {
    int stages = tile.count(rows, outputs) * tile.stages(columns);
    return new WgmmaPlan(tile, Math.clamp(stages / FEWEST_STAGES, 1, multiprocessors), true);
  }

  @Override
  public Grid grid(int rows, int outputs) {
    return Grid.of(blocks);
  }

  @Override
  public int threads() {
    return THREADS;
  }

  @Override
  public int sharedBytes() {
    return SHARED_BYTES;
  }

  @Override
  public long partialFloats(int rows, int outputs) {
    return shared ? (long) blocks * OUTPUTS * tile.outputs() * tile.rows() : 0;
  }

  @Override
  public String variant(String prefix) {
    return "wgmma_%s%d_%d".formatted(prefix, tile.rows(), tile.outputs());
  }
}
