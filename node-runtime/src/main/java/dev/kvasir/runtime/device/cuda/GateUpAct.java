package dev.kvasir.runtime.device.cuda;

/** out = activation(gate) * up, in bfloat16 or quantized. */
final class GateUpAct {
  static final KernelSignature BF16 =
      KernelSignature.of("gate_up_act", "gate_up_act_bf16", "gate_up* columns activation out*")
          .startingEarly();
  static final KernelSignature QUANTIZED =
      KernelSignature.of(
              "gate_up_act",
              "gate_up_act_quantized",
              "gate_up* columns activation out* scales* fixed_scale.f group")
          .startingEarly();

  private static final int THREADS = 256;

  /** The kernel's numbering. */
  enum Function {
    SILU(0),
    GELU_TANH(1),
    GELU(2);

    private final int code;

    Function(int code) {
      this.code = code;
    }
  }

  private final Kernel plain;
  private final Kernel fp8;
  private final Kernel int8;

  GateUpAct(KernelModules modules) {
    plain = modules.kernel(BF16);
    fp8 = modules.kernel(QUANTIZED, "fp8");
    int8 = modules.kernel(QUANTIZED, "int8");
  }

  void run(
      DeviceBuffer gateUp,
      int rows,
      int columns,
      Function function,
      DeviceBuffer out,
      Stream stream) {
    plain
        .pointer(gateUp)
        .integer(columns)
        .integer(function.code)
        .pointer(out)
        .launch(stream, Grid.of(Math.ceilDiv(columns, 8 * THREADS), rows), THREADS);
  }

  void run(
      DeviceBuffer gateUp,
      int rows,
      int columns,
      Function function,
      QuantizedRows out,
      Stream stream) {
    (out.form() == QuantizedRows.Form.FP8 ? fp8 : int8)
        .pointer(gateUp)
        .integer(columns)
        .integer(function.code)
        .pointer(out.data())
        .pointer(out.scales())
        .real(out.fixedScale())
        .integer(out.group())
        .launch(stream, Grid.of(rows), THREADS, 2 * columns);
  }
}
