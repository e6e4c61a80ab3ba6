package dev.kvasir.runtime.tokenizer;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the outline of a regular expression as Oniguruma writes it: groups, alternatives and
 * repetitions. What a single character may be is of no interest here.
 */
final class RegexReader {
  static final int UNBOUNDED = Integer.MAX_VALUE;
  private static final int MOST_DEPTH = 50;

  private final String text;
  private int at;
  private int depth;

  /**
   * What may be repeated.
   *
   * @param group null for one character or one place
   * @param keeps whether what it took is never given back
   */
  record Item(Group group, int min, int max, boolean keeps) {
    boolean varies() {
      return max != min && !keeps;
    }
  }

  /** Alternatives, each a sequence; {@code looks} where it only looks ahead or behind. */
  record Group(List<List<Item>> alternatives, boolean looks) {}

  private RegexReader(String text) {
    this.text = text;
  }

  /**
   * @throws IllegalArgumentException where it holds what isn't looked through here
   */
  static Group read(String text) {
    RegexReader reader = new RegexReader(text);
    Group all = reader.alternatives(false);
    if (reader.at < text.length()) {
      throw new IllegalArgumentException("has an unmatched ')'");
    }
    return all;
  }

  private Group alternatives(boolean looks) {
    if (++depth > MOST_DEPTH) {
      throw new IllegalArgumentException("is nested more than " + MOST_DEPTH + " levels deep");
    }
    List<List<Item>> alternatives = new ArrayList<>();
    List<Item> sequence = new ArrayList<>();
    while (at < text.length() && text.charAt(at) != ')') {
      if (text.charAt(at) == '|') {
        at++;
        alternatives.add(sequence);
        sequence = new ArrayList<>();
      } else {
        sequence.add(repeated(atom()));
      }
    }
    alternatives.add(sequence);
    depth--;
    return new Group(alternatives, looks);
  }

  private Item atom() {
    char c = text.charAt(at++);
    return switch (c) {
      case '(' -> group();
      case '[' -> {
        characterClass();
        yield new Item(null, 1, 1, false);
      }
      case '\\' -> {
        escape();
        yield new Item(null, 1, 1, false);
      }
      default -> new Item(null, 1, 1, false);
    };
  }

  private Item group() {
    boolean looks = false;
    boolean keeps = false;
    if (takeIf("?")) {
      if (takeIf("#")) {
        skipPast(')');
        return new Item(null, 0, 0, false);
      }
      looks = takeIf("=") || takeIf("!") || takeIf("<=") || takeIf("<!");
      keeps = !looks && takeIf(">");
      if (!looks && !keeps) {
        flagsOrName();
      }
    }
    Group inner = alternatives(looks);
    at = Math.min(text.length(), at + 1);
    return new Item(inner, 1, 1, keeps);
  }

  /** {@code (?<name>}, {@code (?i:} or {@code (?i)}; the last one's group goes on to its end. */
  private void flagsOrName() {
    if (takeIf("(") || takeIf("~")) {
      throw new IllegalArgumentException("has a conditional or an absence operator");
    }
    if (takeIf("<")) {
      skipPast('>');
      return;
    }
    while (at < text.length() && "imxadu-".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    takeIf(":");
  }

  private void skipPast(char end) {
    int found = text.indexOf(end, at);
    at = found < 0 ? text.length() : found + 1;
  }

  private boolean takeIf(String literal) {
    boolean there = text.startsWith(literal, at);
    at += there ? literal.length() : 0;
    return there;
  }

  private void escape() {
    char c = at < text.length() ? text.charAt(at++) : '\\';
    if ((c >= '1' && c <= '9') || c == 'k' || c == 'g') {
      throw new IllegalArgumentException("refers to a group of its own");
    }
    if ("pPx".indexOf(c) >= 0 && takeIf("{")) {
      skipPast('}');
    }
  }

  private void characterClass() {
    takeIf("^");
    takeIf("]");
    int open = 1;
    while (at < text.length() && open > 0) {
      char c = text.charAt(at++);
      open += c == '[' ? 1 : c == ']' ? -1 : 0;
      at += c == '\\' ? 1 : 0;
    }
    at = Math.min(at, text.length());
  }

  private Item repeated(Item atom) {
    Item item = atom;
    while (at < text.length()) {
      int[] bounds = bounds();
      if (bounds == null) {
        return item;
      }
      boolean simple = item.min() == 1 && item.max() == 1;
      Group inner = simple ? item.group() : new Group(List.of(List.of(item)), false);
      boolean lazy = takeIf("?");
      boolean keeps = !lazy && bounds[2] == 1 && takeIf("+");
      item = new Item(inner, bounds[0], bounds[1], keeps || item.keeps());
    }
    return item;
  }

  /** Least, most, and 1 where a plus behind would make it keep what it took; null for none. */
  private int[] bounds() {
    return switch (text.charAt(at)) {
      case '?' -> sign(0, 1);
      case '*' -> sign(0, UNBOUNDED);
      case '+' -> sign(1, UNBOUNDED);
      case '{' -> counted();
      default -> null;
    };
  }

  private int[] sign(int min, int max) {
    at++;
    return new int[] {min, max, 1};
  }

  /** Braces that hold no numbers are characters. */
  private int[] counted() {
    int end = text.indexOf('}', at);
    String inside = end < 0 ? "" : text.substring(at + 1, end);
    if (!inside.matches("\\d{1,6}(,\\d{0,6})?|,\\d{1,6}")) {
      return null;
    }
    at = end + 1;
    int comma = inside.indexOf(',');
    String least = comma < 0 ? inside : inside.substring(0, comma);
    String most = comma < 0 ? inside : inside.substring(comma + 1);
    int min = least.isEmpty() ? 0 : Integer.parseInt(least);
    return new int[] {min, most.isEmpty() ? UNBOUNDED : Integer.parseInt(most), 0};
  }
}
