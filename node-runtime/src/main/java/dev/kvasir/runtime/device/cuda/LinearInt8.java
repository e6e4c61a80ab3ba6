package dev.kvasir.runtime.device.cuda;

/** y = weight * x with signed bytes on both sides. */
final class LinearInt8 {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "linear_int8", "linear_int8", "weight* scales* x* x_scales*" + LinearKernels.OUTPUT)
          .startingEarly();
  static final LinearPlan.Format FORMAT =
      LinearPlan.Format.ofRows(
          128,
          2,
          new WgmmaPlan.Sizes(
              17,
              16,
              new WgmmaPlan.Tile(32, 1, 128),
              new WgmmaPlan.Tile(64, 1, 128),
              new WgmmaPlan.Tile(128, 1, 128),
              new WgmmaPlan.Tile(128, 2, 128)));

  private final LinearKernels kernels;

  LinearInt8(KernelModules modules) {
    kernels = new LinearKernels(modules, SIGNATURE, FORMAT);
  }

  /**
   * @param scales float32, one an output
   */
  record Weight(DeviceBuffer data, DeviceBuffer scales) {}

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
            .kernel(plan, "")
            .pointer(weight.data())
            .pointer(weight.scales())
            .pointer(x)
            .pointer(xScales);
    kernels.launch(kernel, plan, out, workspace, stream);
  }
}
