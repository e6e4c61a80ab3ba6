package dev.kvasir.e2e.controlplane;

/** A control plane can't be had or didn't start; the message says why and what to do. */
public final class ControlPlaneException extends Exception {
  private static final long serialVersionUID = 1L;

  public ControlPlaneException(String message) {
    super(message);
  }

  public ControlPlaneException(String message, Throwable cause) {
    super(message, cause);
  }
}
