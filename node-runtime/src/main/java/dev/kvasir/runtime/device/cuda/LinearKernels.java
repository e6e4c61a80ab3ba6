package dev.kvasir.runtime.device.cuda;

import java.util.HashMap;
import java.util.Map;

/** The variants of one format's linear kernels, and what their launches have in common. */
final class LinearKernels {
  /** The parameters that end every linear kernel's list. */
  static final String OUTPUT = " rows outputs columns y* float_out bias* partials* arrivals*";

  private final KernelModules modules;
  private final KernelSignature signature;
  private final LinearPlan.Format format;
  private final Map<String, Kernel> kernels = new HashMap<>();

  LinearKernels(KernelModules modules, KernelSignature signature, LinearPlan.Format format) {
    this.modules = modules;
    this.signature = signature;
    this.format = format;
  }

  LinearPlan.Format format() {
    return format;
  }

  Kernel kernel(LinearPlan plan, String prefix) {
    return kernels.computeIfAbsent(plan.variant(prefix), v -> modules.kernel(signature, v));
  }

  /**
   * A product's size and where it goes.
   *
   * @param floatOut float32 instead of bfloat16
   * @param bias float32, or null
   */
  record Output(
      int rows, int outputs, int columns, DeviceBuffer y, boolean floatOut, DeviceBuffer bias) {}

  /** Adds the last arguments and launches. */
  void launch(
      Kernel kernel, LinearPlan plan, Output output, LinearWorkspace workspace, Stream stream) {
    kernel
        .integer(output.rows())
        .integer(output.outputs())
        .integer(output.columns())
        .pointer(output.y())
        .integer(output.floatOut() ? 1 : 0)
        .pointer(output.bias())
        .pointer(workspace.partials(plan, output.rows(), output.outputs()))
        .pointer(workspace.arrivals())
        .launch(
            stream, plan.grid(output.rows(), output.outputs()), plan.threads(), plan.sharedBytes());
  }
}
