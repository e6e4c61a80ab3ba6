package dev.kvasir.runtime.device.cuda;

/** y = weight * x with bfloat16 weights and activations. */
final class LinearBf16 {
  static final KernelSignature SIGNATURE =
      KernelSignature.of("linear_bf16", "linear_bf16", "weight* x*" + LinearKernels.OUTPUT)
          .startingEarly();
  static final LinearPlan.Format FORMAT =
      LinearPlan.Format.ofRows(
          64,
          2,
          new WgmmaPlan.Sizes(
              33,
              20,
              new WgmmaPlan.Tile(64, 1, 64),
              new WgmmaPlan.Tile(128, 1, 64),
              new WgmmaPlan.Tile(128, 2, 64)));

  private final LinearKernels kernels;

  LinearBf16(KernelModules modules) {
    kernels = new LinearKernels(modules, SIGNATURE, FORMAT);
  }

  void run(
      LinearPlan plan,
      DeviceBuffer weight,
      DeviceBuffer x,
      LinearKernels.Output out,
      LinearWorkspace workspace,
      Stream stream) {
    Kernel kernel = kernels.kernel(plan, "").pointer(weight).pointer(x);
    kernels.launch(kernel, plan, out, workspace, stream);
  }
}
