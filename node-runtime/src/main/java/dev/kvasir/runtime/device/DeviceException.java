package dev.kvasir.runtime.device;

/** A device that did not do what it was asked; the message says what, with the sizes. */
public abstract class DeviceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  protected DeviceException(String message) {
    super(message);
  }

  /** Whether nothing works any more: the process has to end. */
  public abstract boolean isLost();
}
