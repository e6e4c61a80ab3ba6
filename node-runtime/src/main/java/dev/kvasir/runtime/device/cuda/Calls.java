package dev.kvasir.runtime.device.cuda;

import java.util.Locale;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** Turns the driver's result codes into exceptions that say what was asked for. */
final class Calls {
  private Calls() {}

  /**
   * @param operation what was done, with its sizes, as a format
   */
  @SuppressWarnings("AnnotateFormatMethod") // that would take a library for one annotation
  static void check(int code, String operation, Object... values) {
    if (code != CUresult.CUDA_SUCCESS) {
      throw new CudaException(code, message(code, operation.formatted(values)));
    }
  }

  static String message(int code, String operation) {
    return "%s: %s (%d)%s".formatted(operation, name(code), code, remedy(code));
  }

  private static String name(int code) {
    return CUresult.stringFor(code).toLowerCase(Locale.ROOT).replace("cuda_error_", "");
  }

  private static String remedy(int code) {
    return switch (code) {
      case CUresult.CUDA_ERROR_OUT_OF_MEMORY ->
          "; lower --gpu-memory-utilization, --max-model-len or --max-num-seqs, or free the GPU";
      case CUresult.CUDA_ERROR_NO_DEVICE ->
          "; no GPU is visible: check nvidia-smi, and that the container asks for nvidia.com/gpu";
      case CUresult.CUDA_ERROR_NO_BINARY_FOR_GPU,
          CUresult.CUDA_ERROR_INVALID_PTX,
          CUresult.CUDA_ERROR_UNSUPPORTED_PTX_VERSION ->
          "; this build has no kernels for this GPU or driver: update the driver (R580 or later)";
      case CUresult.CUDA_ERROR_SYSTEM_DRIVER_MISMATCH, CUresult.CUDA_ERROR_STUB_LIBRARY ->
          "; the driver's library does not match its kernel module: update the driver";
      case CUresult.CUDA_ERROR_INVALID_VALUE ->
          "; an argument does not fit this GPU: this is a fault of the program";
      default ->
          code >= 700 && code < 800
              ? "; the GPU context is lost, so the process ends: start it again, and look for Xid lines in the host's kernel log"
              : "";
    };
  }

  /** Names the operations that failed instead of JCuda's own bare exceptions. */
  static void quietJcuda() {
    JCudaDriver.setExceptionsEnabled(false);
  }
}
