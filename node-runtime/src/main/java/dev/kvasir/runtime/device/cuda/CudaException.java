package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.DeviceException;

/** A CUDA call that failed; the message names the operation, its sizes and what to do. */
public final class CudaException extends DeviceException {
  private static final long serialVersionUID = 1L;

  private final int code;

  CudaException(int code, String message) {
    super(message);
    this.code = code;
  }

  public int code() {
    return code;
  }

  /** Whether the context is lost: every later call fails too, so the process has to end. */
  @Override
  public boolean isLost() {
    return code == 214 || code == 220 || (code >= 700 && code < 800);
  }
}
