package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Reads the part of the regular expression syntax that ECMAScript, Rust, Python and Java share and
 * that an automaton can hold. The rest is refused by name.
 */
final class RegexParser {
  private static final int MOST_CHARACTERS = 10_000;
  private static final int MOST_DEPTH = 100;
  private static final int MOST_REPETITIONS = 20_000;

  private final String source;
  private final int[] characters;
  private int at;
  private int depth;

  private RegexParser(String source) {
    this.source = source;
    this.characters = source.codePoints().toArray();
  }

  static Regex parse(String source) throws GrammarException {
    if (source.length() > MOST_CHARACTERS) {
      throw new GrammarException(
          "the regular expression has %d characters, the most are %d"
              .formatted(source.length(), MOST_CHARACTERS));
    }
    RegexParser parser = new RegexParser(source);
    Regex regex = parser.either();
    if (parser.at < parser.characters.length) {
      throw parser.error("a ')' closes nothing");
    }
    return regex;
  }

  private GrammarException error(String what) {
    String shown = source.length() > 80 ? source.substring(0, 80) + "..." : source;
    return new GrammarException(
        "the regular expression '%s' can't be used: %s at character %d"
            .formatted(shown, what, at + 1));
  }

  private boolean has(String text) {
    int length = text.length();
    if (at + length > characters.length) {
      return false;
    }
    for (int i = 0; i < length; i++) {
      if (characters[at + i] != text.charAt(i)) {
        return false;
      }
    }
    return true;
  }

  private boolean take(String text) {
    boolean there = has(text);
    at += there ? text.length() : 0;
    return there;
  }

  private int next() throws GrammarException {
    if (at == characters.length) {
      throw error("it ends too early");
    }
    return characters[at++];
  }

  private Regex either() throws GrammarException {
    if (++depth > MOST_DEPTH) {
      throw error("its groups are nested too deeply");
    }
    List<Regex> parts = new ArrayList<>();
    do {
      parts.add(sequence());
    } while (take("|"));
    depth--;
    return parts.size() == 1 ? parts.getFirst() : new Regex.Either(parts);
  }

  private Regex sequence() throws GrammarException {
    List<Regex> parts = new ArrayList<>();
    while (at < characters.length && !has("|") && !has(")")) {
      parts.add(repeated(atom()));
    }
    return new Regex.Sequence(parts);
  }

  private Regex atom() throws GrammarException {
    int character = next();
    return switch (character) {
      case '(' -> group();
      case '[' -> new Regex.Characters(set());
      case '.' -> new Regex.Characters(CharacterClasses.LINE_ENDS.not());
      case '^' -> new Regex.Beginning();
      case '$' -> new Regex.Ending();
      case '\\' -> escape();
      case '*', '+', '?' -> {
        at--;
        throw error("'" + (char) character + "' has nothing to repeat");
      }
      default -> new Regex.Characters(CodePoints.of(character));
    };
  }

  private Regex group() throws GrammarException {
    if (has("?=") || has("?!") || has("?<=") || has("?<!")) {
      throw error("lookahead and lookbehind are not supported");
    }
    if (take("?<") || take("?P<")) {
      skipName();
    } else if (!take("?:") && has("?")) {
      throw error("a group that begins with '(?' and is neither '(?:' nor named is not supported");
    }
    Regex inner = either();
    if (!take(")")) {
      throw error("a group is not closed");
    }
    return inner;
  }

  private void skipName() throws GrammarException {
    int character;
    do {
      character = next();
    } while (character != '>');
  }

  private Regex repeated(Regex part) throws GrammarException {
    Regex result = part;
    boolean any = false;
    while (at < characters.length) {
      int from = at;
      Regex more = quantified(result);
      if (more == null) {
        return result;
      }
      if (any) {
        at = from;
        throw error("a repetition is repeated: put it in a group");
      }
      any = true;
      result = more;
      if (has("+")) {
        throw error("possessive repetition is not supported");
      }
      take("?");
    }
    return result;
  }

  private Regex quantified(Regex part) throws GrammarException {
    if (take("*")) {
      return new Regex.Repeated(part, 0, Regex.UNBOUNDED);
    }
    if (take("+")) {
      return new Regex.Repeated(part, 1, Regex.UNBOUNDED);
    }
    if (take("?")) {
      return new Regex.Repeated(part, 0, 1);
    }
    return has("{") ? bounded(part) : null;
  }

  private Regex bounded(Regex part) throws GrammarException {
    int from = at;
    at++;
    int least = number();
    int most = least;
    if (least >= 0 && take(",")) {
      most = has("}") ? Regex.UNBOUNDED : number();
    }
    boolean unbounded = most == Regex.UNBOUNDED && characters[at - 1] == ',';
    if (least < 0 || !take("}") || (most < 0 && !unbounded)) {
      at = from;
      throw error("'{' begins no repetition: write '\\{' for the character");
    }
    if (most >= 0 && most < least) {
      throw error("a repetition's most is below its least");
    }
    return new Regex.Repeated(part, least, most);
  }

  /** -1 where there is none. */
  private int number() throws GrammarException {
    int value = -1;
    while (at < characters.length && characters[at] >= '0' && characters[at] <= '9') {
      value = Math.max(value, 0) * 10 + characters[at++] - '0';
      if (value > MOST_REPETITIONS) {
        throw error("a repetition of more than " + MOST_REPETITIONS + " times");
      }
    }
    return value;
  }

  private Regex escape() throws GrammarException {
    int letter = next();
    return switch (letter) {
      case 'A' -> new Regex.Beginning();
      case 'z' -> new Regex.Ending();
      case 'b', 'B' -> throw error("word boundaries are not supported");
      case '1', '2', '3', '4', '5', '6', '7', '8', '9', 'k' ->
          throw error("back-references are not supported");
      default -> new Regex.Characters(escapedSet(letter, false));
    };
  }

  private CodePoints escapedSet(int letter, boolean widest) throws GrammarException {
    CodePoints named = CharacterClasses.escaped(letter);
    if (named != null) {
      return widest ? CharacterClasses.widest(letter) : named;
    }
    if (letter == 'p' || letter == 'P') {
      CodePoints category = property();
      return letter == 'p' ? category : category.not();
    }
    return CodePoints.of(escapedCharacter(letter));
  }

  private CodePoints property() throws GrammarException {
    StringBuilder name = new StringBuilder();
    if (take("{")) {
      for (int c = next(); c != '}'; c = next()) {
        name.appendCodePoint(c);
      }
    } else {
      name.appendCodePoint(next());
    }
    String category = name.toString().replaceFirst("^(General_Category|gc)=", "");
    CodePoints set = category.length() > 2 ? null : CharacterClasses.category(category);
    if (set == null) {
      throw error(
          "the property '"
              + name
              + "' is not supported, only general categories such as L or Nd are");
    }
    return set;
  }

  private int escapedCharacter(int letter) throws GrammarException {
    return switch (letter) {
      case 't' -> '\t';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 'f' -> '\f';
      case 'v' -> 0x0b;
      case '0' -> 0;
      case 'x' -> has("{") ? braced() : hex(2);
      case 'u' -> has("{") ? braced() : unicode();
      case 'c' -> next() & 31;
      default -> {
        if (Character.isLetterOrDigit(letter)) {
          throw error("the escape '\\" + Character.toString(letter) + "' is not supported");
        }
        yield letter;
      }
    };
  }

  private int braced() throws GrammarException {
    at++;
    int value = 0;
    for (int c = next(); c != '}'; c = next()) {
      value = value * 16 + digit(c);
      if (value > CodePoints.LAST) {
        throw error("a character beyond U+10FFFF");
      }
    }
    return value;
  }

  private int unicode() throws GrammarException {
    int first = hex(4);
    if (Character.isHighSurrogate((char) first) && take("\\u")) {
      return Character.toCodePoint((char) first, (char) hex(4));
    }
    return first;
  }

  private int hex(int digits) throws GrammarException {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      value = value * 16 + digit(next());
    }
    return value;
  }

  private int digit(int character) throws GrammarException {
    int digit = Character.digit(character, 16);
    if (digit < 0) {
      throw error("an escape's digit is not hexadecimal");
    }
    return digit;
  }

  /** After the '[' up to and with the ']'. */
  private CodePoints set() throws GrammarException {
    if (has(":") || has("[:") || has("^[:")) {
      throw error("POSIX classes such as [:alpha:] are not supported");
    }
    boolean negated = take("^");
    CodePoints set = CodePoints.NONE;
    while (!take("]")) {
      if (has("&&") || has("--") || has("[")) {
        throw error("set operations and unescaped '[' in a class are not supported");
      }
      set = set.or(member(negated));
    }
    return negated ? set.not() : set;
  }

  private CodePoints member(boolean negated) throws GrammarException {
    int first = next();
    if (first == '\\') {
      int letter = next();
      if (letter != 'b' && isClass(letter)) {
        return escapedSet(letter, negated);
      }
      first = letter == 'b' ? '\b' : letter == '-' ? '-' : escapedCharacter(letter);
    }
    if (!has("-") || has("-]")) {
      return CodePoints.of(first);
    }
    at++;
    int last = next();
    if (last == '\\') {
      int letter = next();
      if (isClass(letter)) {
        throw error("a range ends in a class");
      }
      last = letter == 'b' ? '\b' : escapedCharacter(letter);
    }
    if (last < first) {
      throw error("a range's end is below its beginning");
    }
    return CodePoints.of(first, last);
  }

  private static boolean isClass(int letter) {
    return letter < 128 && "dDwWsSpP".indexOf(letter) >= 0;
  }
}
