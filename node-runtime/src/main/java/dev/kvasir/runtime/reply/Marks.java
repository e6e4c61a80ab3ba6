package dev.kvasir.runtime.reply;

import java.util.List;

/** Looks for marks in text that may end within one. */
final class Marks {
  private Marks() {}

  /** Where the first of the marks begins, whole or cut off by the text's end; else its length. */
  static int find(CharSequence text, int from, List<String> marks) {
    int first = text.length();
    for (String mark : marks) {
      first = Math.min(first, find(text, from, first, mark));
    }
    return first;
  }

  private static int find(CharSequence text, int from, int before, String mark) {
    for (int i = from; i < before; i++) {
      if (text.charAt(i) == mark.charAt(0) && matches(text, i, mark)) {
        return i;
      }
    }
    return text.length();
  }

  /** Where the character is the first on a line but for spaces; else the text's length. */
  static int findOnLineStart(CharSequence text, boolean lineStart, char mark) {
    boolean starts = lineStart;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (starts && c == mark) {
        return i;
      }
      starts = c == '\n' || (starts && Character.isWhitespace(c));
    }
    return text.length();
  }

  private static boolean matches(CharSequence text, int at, String mark) {
    int length = Math.min(mark.length(), text.length() - at);
    for (int i = 1; i < length; i++) {
      if (text.charAt(at + i) != mark.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}
