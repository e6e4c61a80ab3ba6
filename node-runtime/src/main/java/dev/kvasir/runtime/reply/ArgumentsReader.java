package dev.kvasir.runtime.reply;

/**
 * Reads a call's arguments, a JSON object, while they are written, and leaves out the white space
 * between its parts. It ends with the object, or before a character that no object can hold.
 */
final class ArgumentsReader {
  private static final String SPACE = " \t\r\n";
  private static final String BETWEEN = ",:+-.0123456789eEtrufalsn";

  private int open;
  private boolean inString;
  private boolean escaped;
  private boolean ended;

  boolean hasEnded() {
    return ended;
  }

  /** Takes what belongs to the object off the text's beginning; the part without white space. */
  String take(StringBuilder text) {
    StringBuilder part = new StringBuilder();
    int at = 0;
    while (at < text.length() && !ended) {
      char c = text.charAt(at);
      if (!inString && SPACE.indexOf(c) < 0 && !isPossible(c)) {
        ended = true;
      } else {
        at++;
        if (inString || SPACE.indexOf(c) < 0) {
          part.append(c);
          step(c);
        }
      }
    }
    text.delete(0, at);
    return part.toString();
  }

  private static boolean isPossible(char c) {
    return BETWEEN.indexOf(c) >= 0 || "{}[]\"".indexOf(c) >= 0;
  }

  private void step(char c) {
    if (escaped) {
      escaped = false;
    } else if (inString) {
      escaped = c == '\\';
      inString = c != '"';
    } else if (c == '"') {
      inString = true;
    } else if (c == '{' || c == '[') {
      open++;
    } else if (c == '}' || c == ']') {
      ended = --open == 0;
    }
  }
}
