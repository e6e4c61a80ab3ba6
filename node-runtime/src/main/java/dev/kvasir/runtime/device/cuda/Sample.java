package dev.kvasir.runtime.device.cuda;

/** Draws a token from each row of float32 logits: temperature, top-k, top-p, seeds. */
final class Sample {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "sample",
              "sample",
              "logits* vocabulary temperatures* top_p* top_k* seeds* output_positions* tokens*")
          .startingEarly();

  private static final int THREADS = 1024;

  private final Kernel kernel;

  Sample(KernelModules modules) {
    kernel = modules.kernel(SIGNATURE);
  }

  /** One value a row: float32, float64, int32, int64, int32. */
  record Parameters(
      DeviceBuffer temperatures,
      DeviceBuffer topP,
      DeviceBuffer topK,
      DeviceBuffer seeds,
      DeviceBuffer outputPositions) {}

  void run(
      DeviceBuffer logits,
      int rows,
      int vocabulary,
      Parameters parameters,
      DeviceBuffer tokens,
      Stream stream) {
    kernel
        .pointer(logits)
        .integer(vocabulary)
        .pointer(parameters.temperatures())
        .pointer(parameters.topP())
        .pointer(parameters.topK())
        .pointer(parameters.seeds())
        .pointer(parameters.outputPositions())
        .pointer(tokens)
        .launch(stream, Grid.of(rows), THREADS);
  }
}
