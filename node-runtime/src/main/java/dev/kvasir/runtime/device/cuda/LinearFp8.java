package dev.kvasir.runtime.device.cuda;

/** y = weight * x with e4m3 on both sides. */
final class LinearFp8 {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "linear_fp8",
              "linear_fp8",
              "weight* scales* block_rows x* x_scales*" + LinearKernels.OUTPUT)
          .startingEarly();
  static final LinearPlan.Format FORMAT =
      LinearPlan.Format.ofRows(
          128,
          1,
          new WgmmaPlan.Sizes(
              17,
              16,
              new WgmmaPlan.Tile(32, 1, 128),
              new WgmmaPlan.Tile(64, 1, 128),
              new WgmmaPlan.Tile(128, 1, 128)));

  private final LinearKernels kernels;

  LinearFp8(KernelModules modules) {
    kernels = new LinearKernels(modules, SIGNATURE, FORMAT);
  }

  /**
   * @param blockRows that share a scale: 1 per channel, all per tensor
   * @param blocks whether scales also change every 128 columns, in x too
   */
  record Weight(DeviceBuffer data, DeviceBuffer scales, int blockRows, boolean blocks) {}

  void run(
      LinearPlan plan,
      Weight weight,
      DeviceBuffer x,
      DeviceBuffer xScales,
      LinearKernels.Output out,
      LinearWorkspace workspace,
      Stream stream) {
    Kernel kernel =
        kernels
            .kernel(plan, weight.blocks() ? "blocks_" : "rows_")
            .pointer(weight.data())
            .pointer(weight.scales())
            .integer(weight.blockRows())
            .pointer(x)
            .pointer(xScales);
    kernels.launch(kernel, plan, out, workspace, stream);
  }
}
