package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.IntPredicate;
import java.util.function.Predicate;

/** The methods of Python's strings, lists and dicts that a sandboxed template may call. */
final class Methods {
  private Methods() {}

  /** The method of that name bound to the value, or null. */
  static Callable find(Object value, String name) {
    return switch (value) {
      case String text -> withoutNames(ofString(text, name), name);
      case Map<?, ?> map -> ofMap(map, name);
      case List<?> list -> ofList(list, name);
      case null, default -> null;
    };
  }

  /** Python's string methods take their arguments by position, but for those that split. */
  private static Callable withoutNames(Callable method, String name) {
    if (method == null || name.contains("split") || name.equals("format")) {
      return method;
    }
    return given -> {
      if (!given.named().isEmpty()) {
        throw given.error("'" + name + "' takes no arguments by name");
      }
      return method.call(given);
    };
  }

  private static Callable ofMap(Map<?, ?> map, String name) {
    return switch (name) {
      case "items" -> given -> new View("items", entries(map));
      case "keys" -> given -> new View("keys", new ArrayList<>(map.keySet()));
      case "values" -> given -> new View("values", new ArrayList<>(map.values()));
      case "get" ->
          given -> {
            if (!given.named().isEmpty()) {
              throw given.error("'get' takes no arguments by name");
            }
            Object key = given.required(0, "key");
            return map.containsKey(key) ? map.get(key) : given.get(1, "default", null);
          };
      case "copy" -> given -> map;
      case "update", "pop", "popitem", "clear", "setdefault" -> refused(name);
      default -> null;
    };
  }

  static List<Object> entries(Map<?, ?> map) {
    List<Object> entries = new ArrayList<>();
    map.forEach((key, value) -> entries.add(Tuple.of(key, value)));
    return entries;
  }

  private static Callable ofList(List<?> list, String name) {
    return switch (name) {
      case "count" ->
          given -> list.stream().filter(i -> Values.equal(i, given.required(0, "value"))).count();
      case "index" -> given -> indexOf(list, given);
      case "copy" -> given -> list;
      case "append", "extend", "insert", "remove", "pop", "clear", "sort", "reverse" ->
          refused(name);
      default -> null;
    };
  }

  private static long indexOf(List<?> list, Given given) {
    for (int i = 0; i < list.size(); i++) {
      if (Values.equal(list.get(i), given.required(0, "value"))) {
        return i;
      }
    }
    throw given.error(
        "the list does not hold " + Values.representation(given.required(0, "value")));
  }

  /** transformers renders in an immutable sandbox: so do we. */
  private static Callable refused(String name) {
    return given -> {
      throw given.error("'" + name + "' would change its value, which a template may not do");
    };
  }

  private static String justified(String text, char align, Given given) {
    int width = given.integer(0, "width", 0);
    String fill = Values.text(given.get(1, "fillchar", " "));
    if (fill.codePointCount(0, fill.length()) != 1) {
      throw given.error("the fill character must be exactly one character long");
    }
    String spec = fill + align + Math.max(0, width) + "s";
    return FormatSpec.of(spec, given.line()).format(text, given.line());
  }

  private static Callable ofString(String text, String name) {
    return switch (name) {
      case "format" -> given -> Formatting.braces(text, given);
      case "ljust" -> given -> justified(text, '<', given);
      case "rjust" -> given -> justified(text, '>', given);
      case "strip" -> given -> strip(text, characters(given), true, true);
      case "lstrip" -> given -> strip(text, characters(given), true, false);
      case "rstrip" -> given -> strip(text, characters(given), false, true);
      case "upper" -> given -> text.toUpperCase(Locale.ROOT);
      case "lower" -> given -> text.toLowerCase(Locale.ROOT);
      case "title" -> given -> title(text);
      case "capitalize" -> given -> capitalize(text);
      case "startswith" -> given -> anyOf(given, text::startsWith);
      case "endswith" -> given -> anyOf(given, text::endsWith);
      case "removeprefix" -> given -> removePrefix(text, given.string(0, "prefix"));
      case "removesuffix" -> given -> removeSuffix(text, given.string(0, "suffix"));
      case "split" -> given -> split(text, given);
      case "rsplit" -> given -> splitFromRight(text, given);
      case "splitlines" -> given -> new ArrayList<Object>(text.lines().toList());
      case "partition" -> given -> partition(text, given.string(0, "sep"), false);
      case "rpartition" -> given -> partition(text, given.string(0, "sep"), true);
      case "join" ->
          given ->
              ListFilters.ALL
                  .get("join")
                  .apply(
                      given.required(0, "iterable"),
                      new Given(List.of(text), Map.of(), given.line()));
      case "replace" ->
          given ->
              replace(
                  text,
                  given.string(0, "old"),
                  given.string(1, "new"),
                  given.integer(2, "count", -1));
      case "find" -> given -> characterIndex(text, text.indexOf(given.string(0, "sub")));
      case "rfind" -> given -> characterIndex(text, text.lastIndexOf(given.string(0, "sub")));
      case "index" -> given -> index(text, given);
      case "count" -> given -> count(text, given.string(0, "sub"));
      case "isdigit", "isnumeric", "isdecimal" -> given -> all(text, Character::isDigit);
      case "isalpha" -> given -> all(text, Character::isLetter);
      case "isalnum" -> given -> all(text, Character::isLetterOrDigit);
      case "isspace" -> given -> all(text, Character::isWhitespace);
      case "islower" ->
          given ->
              !text.isEmpty()
                  && text.equals(text.toLowerCase(Locale.ROOT))
                  && !text.equals(text.toUpperCase(Locale.ROOT));
      case "isupper" ->
          given ->
              !text.isEmpty()
                  && text.equals(text.toUpperCase(Locale.ROOT))
                  && !text.equals(text.toLowerCase(Locale.ROOT));
      case "zfill" -> given -> padded(text, given, '0');
      default -> null;
    };
  }

  private static String characters(Given given) {
    return given.get(0, "chars", null) == null ? null : given.string(0, "chars");
  }

  /** Strips the given characters, or white space where they are null. */
  static String strip(String text, String characters, boolean left, boolean right) {
    IntPredicate stripped =
        characters == null
            ? c -> Character.isWhitespace(c) || c == 0xa0 || c == 0x85
            : c -> characters.indexOf(c) >= 0;
    int start = 0;
    int end = text.length();
    while (left && start < end && stripped.test(text.codePointAt(start))) {
      start += Character.charCount(text.codePointAt(start));
    }
    while (right && end > start && stripped.test(text.codePointBefore(end))) {
      end -= Character.charCount(text.codePointBefore(end));
    }
    return text.substring(start, end);
  }

  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.offsetByCodePoints(0, 1);
    return text.substring(0, first).toUpperCase(Locale.ROOT)
        + text.substring(first).toLowerCase(Locale.ROOT);
  }

  static String title(String text) {
    StringBuilder out = new StringBuilder();
    boolean inWord = false;
    for (int c : text.codePoints().toArray()) {
      out.appendCodePoint(inWord ? Character.toLowerCase(c) : Character.toTitleCase(c));
      inWord = Character.isLetter(c);
    }
    return out.toString();
  }

  private static boolean anyOf(Given given, Predicate<String> holds) {
    Object wanted = given.required(0, "prefix");
    return wanted instanceof List<?> several
        ? several.stream().anyMatch(each -> holds.test(Values.text(each)))
        : holds.test(given.string(0, "prefix"));
  }

  private static String removePrefix(String text, String prefix) {
    return text.startsWith(prefix) ? text.substring(prefix.length()) : text;
  }

  private static String removeSuffix(String text, String suffix) {
    return text.endsWith(suffix) ? text.substring(0, text.length() - suffix.length()) : text;
  }

  static List<Object> words(String text) {
    String stripped = strip(text, null, true, true);
    return stripped.isEmpty()
        ? new ArrayList<>()
        : new ArrayList<>(Arrays.asList(stripped.split("\\s+")));
  }

  private static List<Object> split(String text, Given given) {
    int most = given.integer(1, "maxsplit", -1);
    if (given.get(0, "sep", null) == null) {
      return most < 0 ? words(text) : wordsUpTo(text, most);
    }
    String separator = separator(given);
    List<Object> parts = new ArrayList<>();
    int from = 0;
    for (int at = text.indexOf(separator);
        at >= 0 && (most < 0 || parts.size() < most);
        at = text.indexOf(separator, from)) {
      parts.add(text.substring(from, at));
      from = at + separator.length();
    }
    parts.add(text.substring(from));
    return parts;
  }

  private static List<Object> wordsUpTo(String text, int most) {
    String stripped = strip(text, null, true, false);
    return stripped.isEmpty()
        ? new ArrayList<>()
        : new ArrayList<>(Arrays.asList(stripped.split("\\s+", most + 1)));
  }

  private static List<Object> splitFromRight(String text, Given given) {
    int most = given.integer(1, "maxsplit", -1);
    if (given.get(0, "sep", null) == null && most < 0) {
      return words(text);
    }
    String separator = separator(given);
    List<Object> parts = new ArrayList<>();
    int to = text.length();
    for (int at = text.lastIndexOf(separator);
        at >= 0 && (most < 0 || parts.size() < most);
        at = text.lastIndexOf(separator, to - separator.length())) {
      parts.addFirst(text.substring(at + separator.length(), to));
      to = at;
    }
    parts.addFirst(text.substring(0, to));
    return parts;
  }

  private static String separator(Given given) {
    String separator = given.string(0, "sep");
    if (separator.isEmpty()) {
      throw given.error("the separator of 'split' is empty");
    }
    return separator;
  }

  private static List<Object> partition(String text, String separator, boolean fromRight) {
    int at = fromRight ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) {
      return fromRight ? Tuple.of("", "", text) : Tuple.of(text, "", "");
    }
    return Tuple.of(text.substring(0, at), separator, text.substring(at + separator.length()));
  }

  /** Python's {@code str.replace}: at most {@code most} times, all where it is negative. */
  static String replace(String text, String old, String replacement, long most) {
    if (most < 0) {
      return text.replace(old, replacement);
    }
    StringBuilder out = new StringBuilder();
    int from = 0;
    int at = text.indexOf(old);
    for (long done = 0; at >= 0 && done < most && !old.isEmpty(); done++) {
      out.append(text, from, at).append(replacement);
      from = at + old.length();
      at = text.indexOf(old, from);
    }
    return out.append(text.substring(from)).toString();
  }

  private static long characterIndex(String text, int index) {
    return index < 0 ? -1 : text.codePointCount(0, index);
  }

  private static long index(String text, Given given) {
    int at = text.indexOf(given.string(0, "sub"));
    if (at < 0) {
      throw given.error("substring not found");
    }
    return characterIndex(text, at);
  }

  private static long count(String text, String part) {
    if (part.isEmpty()) {
      return text.codePointCount(0, text.length()) + 1L;
    }
    long count = 0;
    for (int at = text.indexOf(part); at >= 0; at = text.indexOf(part, at + part.length())) {
      count++;
    }
    return count;
  }

  private static boolean all(String text, IntPredicate holds) {
    return !text.isEmpty() && text.codePoints().allMatch(holds);
  }

  private static String padded(String text, Given given, char with) {
    int width = Math.clamp(given.integer(0, "width", 0), 0, 4096);
    int missing = width - text.codePointCount(0, text.length());
    return missing > 0 ? String.valueOf(with).repeat(missing) + text : text;
  }
}
