package dev.kvasir.runtime.device.cuda;

/** out = rows of a bfloat16 matrix in tiles: embeddings from the table that the head reads too. */
final class GatherTiles {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "gather_tiles", "gather_tiles", "tiles* indices* columns steps factor.f out*")
          .startingEarly();

  private static final int THREADS = 256;

  private final Kernel kernel;

  GatherTiles(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  void run(
      DeviceBuffer tiles,
      DeviceBuffer indices,
      int rows,
      int columns,
      float factor,
      DeviceBuffer out,
      Stream stream) {
    kernel
        .pointer(tiles)
        .pointer(indices)
        .integer(columns)
        .integer(RepackRows.steps(2 * columns))
        .real(factor)
        .pointer(out)
        .launch(stream, Grid.of(Math.ceilDiv(columns / 2, THREADS), rows), THREADS);
  }
}
