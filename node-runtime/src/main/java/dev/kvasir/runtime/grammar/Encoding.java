package dev.kvasir.runtime.grammar;

import java.nio.charset.StandardCharsets;

/** How a character becomes bytes. */
enum Encoding {
  /** As it is. */
  UTF8,
  /** Inside of a JSON string, escaped where JSON demands it and only there. */
  JSON;

  private static final CodePoints ESCAPED = CodePoints.of(0, 0x1f).or(CodePoints.ofAny("\"\\"));

  /** Characters that are written as themselves. */
  CodePoints plain(CodePoints set) {
    return this == UTF8 ? set : set.minus(ESCAPED);
  }

  CodePoints escaped(CodePoints set) {
    return this == UTF8 ? CodePoints.NONE : set.and(ESCAPED);
  }

  /** The text's bytes. */
  byte[] bytes(String text) {
    StringBuilder out = new StringBuilder();
    text.codePoints().forEach(c -> out.append(spelled(c)));
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }

  String spelled(int character) {
    if (this == UTF8) {
      return Character.toString(character);
    }
    return switch (character) {
      case '"' -> "\\\"";
      case '\\' -> "\\\\";
      case '\n' -> "\\n";
      case '\t' -> "\\t";
      case '\r' -> "\\r";
      case '\b' -> "\\b";
      case '\f' -> "\\f";
      default -> character < 0x20 ? "\\u%04x".formatted(character) : Character.toString(character);
    };
  }
}
