package dev.kvasir.runtime.engine;

/** Why a sequence ended. */
public enum FinishReason {
  /** A stop token came, or the hidden state that was wanted. */
  STOP,
  /** maxTokens was reached. */
  LENGTH,
  /** The caller cancelled, or its reader stalled past the stream's bound. */
  ABORT,
  /** The engine failed this sequence; the event says why. */
  ERROR
}
