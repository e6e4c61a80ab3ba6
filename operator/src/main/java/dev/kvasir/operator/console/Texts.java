package dev.kvasir.operator.console;

/** Bounds what others wrote. */
final class Texts {
  private static final int LONGEST = 600;

  private Texts() {}

  static String bounded(String text) {
    if (text == null || text.length() <= LONGEST) {
      return text;
    }
    int end = Character.isHighSurrogate(text.charAt(LONGEST - 1)) ? LONGEST - 1 : LONGEST;
    return text.substring(0, end) + "...";
  }
}
