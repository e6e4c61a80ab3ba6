package dev.kvasir.runtime.device.cuda;

/** residual += delta; out = RMS norm of it, in bfloat16 or quantized. */
final class AddRmsNorm {
  static final KernelSignature BF16 =
      KernelSignature.of(
              "add_rms_norm",
              "add_rms_norm_bf16",
              "residual* delta* weight* epsilon.f columns out*")
          .startingEarly();
  static final KernelSignature QUANTIZED =
      KernelSignature.of(
              "add_rms_norm",
              "add_rms_norm_quantized",
              "residual* delta* weight* epsilon.f columns out* scales* fixed_scale.f group")
          .startingEarly();
  static final int MOST_COLUMNS = 8 * 512 * 4;

  private static final int THREADS = 512;

  private final Kernel plain;
  private final Kernel fp8;
  private final Kernel int8;

  AddRmsNorm(KernelModules modules) {
    plain = modules.kernel(BF16);
    fp8 = modules.kernel(QUANTIZED, "fp8");
    int8 = modules.kernel(QUANTIZED, "int8");
  }

  /**
   * @param delta null where nothing is added
   * @param weight float32
   */
  record Input(
      DeviceBuffer residual,
      DeviceBuffer delta,
      DeviceBuffer weight,
      float epsilon,
      int rows,
      int columns) {}

  void run(Input in, DeviceBuffer out, Stream stream) {
    arguments(plain, in, out).launch(stream, Grid.of(in.rows()), THREADS);
  }

  void run(Input in, QuantizedRows out, Stream stream) {
    arguments(out.form() == QuantizedRows.Form.FP8 ? fp8 : int8, in, out.data())
        .pointer(out.scales())
        .real(out.fixedScale())
        .integer(out.group())
        .launch(stream, Grid.of(in.rows()), THREADS);
  }

  private static Kernel arguments(Kernel kernel, Input in, DeviceBuffer out) {
    return kernel
        .pointer(in.residual())
        .pointer(in.delta())
        .pointer(in.weight())
        .real(in.epsilon())
        .integer(in.columns())
        .pointer(out);
  }
}
