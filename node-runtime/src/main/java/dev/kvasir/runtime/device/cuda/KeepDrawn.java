package dev.kvasir.runtime.device.cuda;

/** Keeps the tokens that a step drew, for the steps after it and for the host. */
final class KeepDrawn {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "keep_drawn", "keep_drawn", "tokens* slots* count last_drawn* turns* results* stride")
          .startingEarly();

  private static final int THREADS = 1024;

  private final Kernel kernel;

  KeepDrawn(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  /**
   * @param turns counts launches, which decides between the two places in results
   * @param results in the host's memory, stride tokens apart
   */
  void run(
      DeviceBuffer tokens,
      DeviceBuffer slots,
      int count,
      DeviceBuffer lastDrawn,
      DeviceBuffer turns,
      PinnedMemory results,
      int stride,
      Stream stream) {
    kernel
        .pointer(tokens)
        .pointer(slots)
        .integer(count)
        .pointer(lastDrawn)
        .pointer(turns)
        .pointer(results.segment().address())
        .integer(stride)
        .launch(stream, Grid.of(1), THREADS);
  }
}
