package dev.kvasir.runtime.engine;

/**
 * A request that the engine does not take; the message says why, with the values and what to do.
 */
public final class RequestRejectedException extends Exception {
  private static final long serialVersionUID = 1L;

  /** What kind of refusal, for the API's error code. */
  public enum Reason {
    /** Prompt and max_tokens exceed maxModelLen, or could never fit the KV pool. */
    CONTEXT_LENGTH_EXCEEDED,
    /** Malformed: empty prompt, a token id outside the vocabulary. */
    INVALID,
    /** The waiting queue is full: try later. */
    QUEUE_FULL,
    /** The engine is closing or has failed. */
    UNAVAILABLE
  }

  private final Reason reason;

  public RequestRejectedException(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }
}
