package dev.kvasir.runtime.engine;

/** A model or an option that the runtime cannot start with; the message says what and why. */
public final class StartupException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StartupException(String message) {
    super(message);
  }

  public StartupException(String message, Throwable cause) {
    super(message, cause);
  }
}
