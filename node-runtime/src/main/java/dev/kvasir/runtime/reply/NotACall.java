package dev.kvasir.runtime.reply;

/** What looked like a call is none; the text up to {@code at} is content. */
final class NotACall extends Exception {
  private static final long serialVersionUID = 1L;

  private final int at;

  NotACall(int at) {
    super("no call", null, false, false);
    this.at = at;
  }

  int at() {
    return at;
  }
}
