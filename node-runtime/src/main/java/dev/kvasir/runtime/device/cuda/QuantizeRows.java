package dev.kvasir.runtime.device.cuda;

/** Brings bfloat16 rows into 8 bits, where the op that made them could not. */
final class QuantizeRows {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "quantize_rows", "quantize_rows", "rows* columns out* scales* fixed_scale.f group")
          .startingEarly();

  private static final int THREADS = 256;

  private final Kernel fp8;
  private final Kernel int8;

  QuantizeRows(KernelModules modules) {
    fp8 = modules.kernel(SIGNATURE, "fp8");
    int8 = modules.kernel(SIGNATURE, "int8");
  }

  void run(DeviceBuffer from, int rows, int columns, QuantizedRows out, Stream stream) {
    (out.form() == QuantizedRows.Form.FP8 ? fp8 : int8)
        .pointer(from)
        .integer(columns)
        .pointer(out.data())
        .pointer(out.scales())
        .real(out.fixedScale())
        .integer(out.group())
        .launch(stream, Grid.of(rows), THREADS);
  }
}
