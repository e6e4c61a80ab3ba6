package dev.kvasir.runtime.grammar;

/** A grammar that can't be compiled: the message says what, where and why. */
public final class GrammarException extends Exception {
  private static final long serialVersionUID = 1L;

  public GrammarException(String message) {
    super(message);
  }
}
