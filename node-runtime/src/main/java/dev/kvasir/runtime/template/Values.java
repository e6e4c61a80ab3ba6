package dev.kvasir.runtime.template;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Python's view of the values that a template handles: null (None), Boolean, Long, Double, String,
 * List, Map, {@link Namespace}, {@link Callable}, {@link Undefined}.
 */
final class Values {
  private Values() {}

  static boolean truth(Object value) {
    return switch (value) {
      case null -> false;
      case Boolean b -> b;
      case Long n -> n != 0;
      case Double d -> d != 0;
      case String s -> !s.isEmpty();
      case List<?> list -> !list.isEmpty();
      case Map<?, ?> map -> !map.isEmpty();
      case View view -> !view.items().isEmpty();
      case Undefined u -> false;
      default -> true;
    };
  }

  static String typeName(Object value) {
    return switch (value) {
      case null -> "none";
      case Boolean b -> "a boolean";
      case Long n -> "an integer";
      case Double d -> "a float";
      case String s -> "a string";
      case Tuple tuple -> "a tuple";
      case List<?> list -> "a list";
      case Map<?, ?> map -> "a mapping";
      case Generator generator -> "a generator";
      case View view -> "a view of a mapping";
      case Namespace n -> "a namespace";
      case Undefined u -> "undefined";
      default -> "a function";
    };
  }

  /** Python's {@code str()}. */
  static String text(Object value) {
    return switch (value) {
      case String s -> s;
      case Undefined u -> "";
      case null, default -> representation(value);
    };
  }

  /** Python's {@code repr()}. */
  static String representation(Object value) {
    return switch (value) {
      case null -> "None";
      case Boolean b -> b ? "True" : "False";
      case Long n -> n.toString();
      case Double d -> number(d);
      case String s -> quoted(s);
      case Tuple tuple -> tuple(tuple);
      case List<?> list -> "[" + joined(list) + "]";
      case Map<?, ?> map -> map(map);
      case View view -> "dict_" + view.kind() + "([" + joined(view.items()) + "])";
      case Generator generator -> "<generator object>";
      case Undefined u -> "Undefined";
      case Namespace n -> "<Namespace " + map(n.attributes()) + ">";
      default -> "<function>";
    };
  }

  private static String tuple(Tuple tuple) {
    return "(" + joined(tuple) + (tuple.size() == 1 ? ",)" : ")");
  }

  private static String joined(List<?> list) {
    StringBuilder out = new StringBuilder();
    for (Object item : list) {
      out.append(out.isEmpty() ? "" : ", ").append(representation(item));
    }
    return out.toString();
  }

  private static String map(Map<?, ?> map) {
    StringBuilder out = new StringBuilder("{");
    map.forEach((key, value) ->
        out.append(out.length() > 1 ? ", " : "")
            .append(representation(key))
            .append(": ")
            .append(representation(value)));
    return out.append('}').toString();
  }

  /** Python writes 1e16 and above, and below 1e-4, with an exponent of at least two digits. */
  static String number(double value) {
    if (Double.isNaN(value)) {
      return "nan";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    if (value == 0) {
      return 1 / value < 0 ? "-0.0" : "0.0";
    }
    double size = Math.abs(value);
    if (size >= 1e16 || size < 1e-4) {
      return exponent(Double.toString(value));
    }
    String plain = new BigDecimal(Double.toString(value)).toPlainString();
    return plain.contains(".") ? plain : plain + ".0";
  }

  private static String exponent(String java) {
    int e = java.indexOf('E');
    String mantissa = java.substring(0, e);
    int power = Integer.parseInt(java.substring(e + 1));
    if (mantissa.endsWith(".0")) {
      mantissa = mantissa.substring(0, mantissa.length() - 2);
    }
    return mantissa
        + "e"
        + (power < 0 ? "-" : "+")
        + (Math.abs(power) < 10 ? "0" : "")
        + Math.abs(power);
  }

  private static String quoted(String text) {
    char quote = text.contains("'") && !text.contains("\"") ? '"' : '\'';
    StringBuilder out = new StringBuilder().append(quote);
    text.codePoints().forEach(c -> quotedCharacter(c, quote, out));
    return out.append(quote).toString();
  }

  private static void quotedCharacter(int c, char quote, StringBuilder out) {
    switch (c) {
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\\' -> out.append("\\\\");
      default -> {
        if (c == quote) {
          out.append('\\').append(quote);
        } else if (c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad) {
          out.append(String.format("\\x%02x", c));
        } else {
          out.appendCodePoint(c);
        }
      }
    }
  }

  static long length(Object value, int line) {
    return switch (value) {
      case String s -> s.codePointCount(0, s.length());
      case List<?> list -> list.size();
      case Map<?, ?> map -> map.size();
      case View view -> view.items().size();
      case Undefined u -> 0L;
      case null, default -> throw TemplateException.at(line, typeName(value) + " has no length");
    };
  }

  /** The items of a list, the keys of a mapping, the characters of a string. */
  static List<Object> items(Object value, int line) {
    return switch (value) {
      case List<?> list -> new ArrayList<>(list);
      case Map<?, ?> map -> new ArrayList<>(map.keySet());
      case View view -> view.items();
      case Generator generator -> generator.take();
      case String s ->
          new ArrayList<>(s.codePoints().<Object>mapToObj(Character::toString).toList());
      case Undefined u -> List.of();
      case null, default ->
          throw TemplateException.at(line, typeName(value) + " can't be iterated");
    };
  }

  static boolean equal(Object left, Object right) {
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Long a && right instanceof Long b)
          ? a.longValue() == b.longValue()
          : asDouble(left) == asDouble(right);
    }
    return switch (left) {
      case List<?> a when right instanceof List<?> b ->
          a instanceof Tuple == b instanceof Tuple && equalLists(a, b);
      case Map<?, ?> a when right instanceof Map<?, ?> b -> equalMaps(a, b);
      case Undefined a -> right instanceof Undefined;
      case null, default -> Objects.equals(left, right);
    };
  }

  private static boolean equalLists(List<?> a, List<?> b) {
    if (a.size() != b.size()) {
      return false;
    }
    Iterator<?> others = b.iterator();
    return a.stream().allMatch(item -> equal(item, others.next()));
  }

  private static boolean equalMaps(Map<?, ?> a, Map<?, ?> b) {
    return a.size() == b.size()
        && a.entrySet().stream()
            .allMatch(e -> b.containsKey(e.getKey()) && equal(e.getValue(), b.get(e.getKey())));
  }

  static int compare(Object left, Object right, int line) {
    if (isNumber(left) && isNumber(right)) {
      return (left instanceof Long a && right instanceof Long b)
          ? a.compareTo(b)
          : Double.compare(asDouble(left), asDouble(right));
    }
    if (left instanceof String a && right instanceof String b) {
      return compareText(a, b);
    }
    if (left instanceof List<?> a && right instanceof List<?> b) {
      return compareLists(a, b, line);
    }
    throw TemplateException.at(line, "can't order " + typeName(left) + " and " + typeName(right));
  }

  /** By code points, as Python does; UTF-16 units order differently. */
  private static int compareText(String a, String b) {
    int[] left = a.codePoints().toArray();
    int[] right = b.codePoints().toArray();
    return Arrays.compare(left, right);
  }

  private static int compareLists(List<?> a, List<?> b, int line) {
    for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
      if (!equal(a.get(i), b.get(i))) {
        return compare(a.get(i), b.get(i), line);
      }
    }
    return Integer.compare(a.size(), b.size());
  }

  static boolean contains(Object container, Object item, int line) {
    return switch (container) {
      case String s when item instanceof String part -> s.contains(part);
      case List<?> list -> list.stream().anyMatch(each -> equal(each, item));
      case Map<?, ?> map -> map.keySet().stream().anyMatch(key -> equal(key, item));
      case View view -> view.items().stream().anyMatch(each -> equal(each, item));
      case Generator generator -> generator.take().stream().anyMatch(each -> equal(each, item));
      case Undefined u -> false;
      case null, default ->
          throw TemplateException.at(
              line, "can't look for " + typeName(item) + " in " + typeName(container));
    };
  }

  static boolean isNumber(Object value) {
    return value instanceof Long || value instanceof Double || value instanceof Boolean;
  }

  static double asDouble(Object value) {
    return switch (value) {
      case Long n -> n;
      case Boolean b -> b ? 1 : 0;
      default -> (Double) value;
    };
  }
}
