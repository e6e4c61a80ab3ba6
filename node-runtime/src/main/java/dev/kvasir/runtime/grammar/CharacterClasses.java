package dev.kvasir.runtime.grammar;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The classes that escapes name. Engines disagree on whether they reach beyond ASCII: a class holds
 * what it holds everywhere, and so does its opposite, so that what is generated matches everywhere.
 */
final class CharacterClasses {
  static final CodePoints DIGIT = CodePoints.of('0', '9');
  static final CodePoints WORD =
      DIGIT.or(CodePoints.of('a', 'z')).or(CodePoints.of('A', 'Z')).or(CodePoints.of('_'));
  static final CodePoints SPACE = CodePoints.ofAny(" \t\n\u000b\f\r");
  static final CodePoints LINE_ENDS = CodePoints.ofAny("\n\r\u0085\u2028\u2029");

  private static final Map<String, Integer> CATEGORIES =
      Map.ofEntries(
          Map.entry("Lu", 1 << Character.UPPERCASE_LETTER),
          Map.entry("Ll", 1 << Character.LOWERCASE_LETTER),
          Map.entry("Lt", 1 << Character.TITLECASE_LETTER),
          Map.entry("Lm", 1 << Character.MODIFIER_LETTER),
          Map.entry("Lo", 1 << Character.OTHER_LETTER),
          Map.entry("Mn", 1 << Character.NON_SPACING_MARK),
          Map.entry("Mc", 1 << Character.COMBINING_SPACING_MARK),
          Map.entry("Me", 1 << Character.ENCLOSING_MARK),
          Map.entry("Nd", 1 << Character.DECIMAL_DIGIT_NUMBER),
          Map.entry("Nl", 1 << Character.LETTER_NUMBER),
          Map.entry("No", 1 << Character.OTHER_NUMBER),
          Map.entry("Pc", 1 << Character.CONNECTOR_PUNCTUATION),
          Map.entry("Pd", 1 << Character.DASH_PUNCTUATION),
          Map.entry("Ps", 1 << Character.START_PUNCTUATION),
          Map.entry("Pe", 1 << Character.END_PUNCTUATION),
          Map.entry("Pi", 1 << Character.INITIAL_QUOTE_PUNCTUATION),
          Map.entry("Pf", 1 << Character.FINAL_QUOTE_PUNCTUATION),
          Map.entry("Po", 1 << Character.OTHER_PUNCTUATION),
          Map.entry("Sm", 1 << Character.MATH_SYMBOL),
          Map.entry("Sc", 1 << Character.CURRENCY_SYMBOL),
          Map.entry("Sk", 1 << Character.MODIFIER_SYMBOL),
          Map.entry("So", 1 << Character.OTHER_SYMBOL),
          Map.entry("Zs", 1 << Character.SPACE_SEPARATOR));

  private static final Map<String, CodePoints> BY_CATEGORY = new ConcurrentHashMap<>();

  private CharacterClasses() {}

  /** The class of a letter such as {@code d} or {@code D}, or null. */
  static CodePoints escaped(int letter) {
    return switch (letter) {
      case 'd' -> DIGIT;
      case 'D' -> DIGIT.or(category("Nd")).not();
      case 'w' -> WORD;
      case 'W' ->
          WORD.or(category("L")).or(category("M")).or(category("N")).or(category("Pc")).not();
      case 's' -> SPACE;
      case 'S' ->
          SPACE
              .or(category("Zs"))
              .or(CodePoints.of(0x1c, 0x1f))
              .or(CodePoints.ofAny("\u0085\u2028\u2029\ufeff"))
              .not();
      default -> null;
    };
  }

  /** What {@code [^\d]} and the like leave out of a negated class. */
  static CodePoints widest(int letter) {
    return switch (letter) {
      case 'd', 'w', 's' -> escaped(Character.toUpperCase(letter)).not();
      default -> escaped(Character.toLowerCase(letter)).not();
    };
  }

  /** The characters of a Unicode category of one or two letters, or null. */
  static CodePoints category(String name) {
    int types = 0;
    for (Map.Entry<String, Integer> entry : CATEGORIES.entrySet()) {
      types |= entry.getKey().startsWith(name) ? entry.getValue() : 0;
    }
    int wanted = types;
    return name.isEmpty() || types == 0
        ? null
        : BY_CATEGORY.computeIfAbsent(
            name, n -> CodePoints.where(c -> (1 << Character.getType(c) & wanted) != 0));
  }
}
