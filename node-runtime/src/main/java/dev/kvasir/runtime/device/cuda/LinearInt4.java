package dev.kvasir.runtime.device.cuda;

/** y = weight * x with 4-bit weights in groups and bfloat16 activations. */
final class LinearInt4 {
  static final KernelSignature SIGNATURE =
      KernelSignature.of(
              "linear_int4",
              "linear_int4",
              "weight* groups* factor.f group_size x*" + LinearKernels.OUTPUT)
          .startingEarly();
  static final LinearPlan.Format FORMAT =
      new LinearPlan.Format(
          128,
          new MmaPlan.Few[][] {
            {new MmaPlan.Few(1, 8, 2), new MmaPlan.Few(2, 8, 2), new MmaPlan.Few(4, 4, 4)},
            {new MmaPlan.Few(1, 8, 2), new MmaPlan.Few(2, 8, 2)},
            {new MmaPlan.Few(2, 8, 1)}
          },
          new WgmmaPlan.Sizes(
              17,
              5,
              new WgmmaPlan.Tile(32, 1, 128),
              new WgmmaPlan.Tile(64, 1, 64),
              new WgmmaPlan.Tile(64, 2, 64),
              new WgmmaPlan.Tile(128, 1, 64),
              new WgmmaPlan.Tile(128, 2, 64)));

  private final LinearKernels kernels;

  LinearInt4(KernelModules modules) {
    kernels = new LinearKernels(modules, SIGNATURE, FORMAT);
  }

  /**
   * Weights as {@link RepackInt4} makes them.
   *
   * @param groups a scale and a zero for each group of each output
   * @param factor of every scale
   */
  record Weight(DeviceBuffer data, DeviceBuffer groups, float factor, int groupSize) {
    /** Groups in 128 columns, which a kernel is built for. */
    int groupsPerStep() {
      return groupSize % 128 == 0 ? 1 : 128 / groupSize;
    }
  }

  void run(
      LinearPlan plan,
      Weight weight,
      DeviceBuffer x,
      LinearKernels.Output out,
      LinearWorkspace workspace,
      Stream stream) {
    Kernel kernel =
        kernels
            .kernel(plan, weight.groupsPerStep() + "_")
            .pointer(weight.data())
            .pointer(weight.groups())
            .real(weight.factor())
            .integer(weight.groupSize())
            .pointer(x);
    kernels.launch(kernel, plan, out, workspace, stream);
  }
}
