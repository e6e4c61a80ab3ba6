package dev.kvasir.operator.inferencedeployment;

/** Asks the SDK to try again with a growing delay. What happened is in the status and the log. */
final class ApplyRetryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  ApplyRetryException(String message) {
    super(message, null, false, false);
  }
}
