package dev.kvasir.runtime.reply;

/** Holds back the white space at a text's end until it is known what follows. */
final class TrailingSpace {
  private final StringBuilder held = new StringBuilder();

  /** The text that may go out: without the white space at its end, with what was held before. */
  String pass(String text) {
    held.append(text);
    int end = held.length();
    while (end > 0 && Character.isWhitespace(held.charAt(end - 1))) {
      end--;
    }
    String passed = held.substring(0, end);
    held.delete(0, end);
    return passed;
  }

  void drop() {
    held.setLength(0);
  }

  String release() {
    String rest = held.toString();
    drop();
    return rest;
  }
}
