package dev.kvasir.runtime.device.cuda;

/** out = the table's rows of some indices: embeddings, and the rows to sample. */
final class GatherRows {
  static final KernelSignature SIGNATURE =
      KernelSignature.of("gather_rows", "gather_rows", "table* indices* columns factor.f out*")
          .startingEarly();

  private static final int THREADS = 256;

  private final Kernel kernel;

  GatherRows(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  void run(
      DeviceBuffer table,
      DeviceBuffer indices,
      int rows,
      int columns,
      float factor,
      DeviceBuffer out,
      Stream stream) {
    kernel
        .pointer(table)
        .pointer(indices)
        .integer(columns)
        .real(factor)
        .pointer(out)
        .launch(stream, Grid.of(Math.ceilDiv(columns, 8 * THREADS), rows), THREADS);
  }
}
