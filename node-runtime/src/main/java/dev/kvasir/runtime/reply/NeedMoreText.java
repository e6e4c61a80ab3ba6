package dev.kvasir.runtime.reply;

/** What was written so far leaves open whether it is a call. */
final class NeedMoreText extends Exception {
  private static final long serialVersionUID = 1L;

  NeedMoreText() {
    super("the text ends within a call", null, false, false);
  }
}
