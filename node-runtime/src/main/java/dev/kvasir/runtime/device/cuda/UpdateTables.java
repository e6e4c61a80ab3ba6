package dev.kvasir.runtime.device.cuda;

/** Writes what is new in the block tables. */
final class UpdateTables {
  static final KernelSignature SIGNATURE =
      KernelSignature.of("update_tables", "update_tables", "updates* count tables*");

  private static final int THREADS = 256;

  private final Kernel kernel;

  UpdateTables(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  /**
   * @param updates pairs of an index and a value
   */
  void run(DeviceBuffer updates, int count, DeviceBuffer tables, Stream stream) {
    kernel
        .pointer(updates)
        .integer(count)
        .pointer(tables)
        .launch(stream, Grid.of(Math.ceilDiv(count, THREADS)), THREADS);
  }
}
