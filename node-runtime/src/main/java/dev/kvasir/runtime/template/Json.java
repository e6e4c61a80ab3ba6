package dev.kvasir.runtime.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code tojson} as transformers defines it: Python's json.dumps with ensure_ascii off. */
final class Json {
  private final StringBuilder out = new StringBuilder();
  private final String indent;
  private final String itemSeparator;
  private final String keySeparator;
  private final boolean sortKeys;
  private final boolean ascii;
  private final int line;

  private Json(Callable.Given given) {
    this.line = given.line();
    this.ascii = given.truth(0, "ensure_ascii", false);
    this.indent = indent(given.get(1, "indent", null), given);
    List<Object> standard = List.of(indent == null ? ", " : ",", ": ");
    Object chosen = given.get(2, "separators", null);
    List<?> separators = chosen instanceof List<?> list && list.size() == 2 ? list : standard;
    this.itemSeparator = Values.text(separators.get(0));
    this.keySeparator = Values.text(separators.get(1));
    this.sortKeys = given.truth(3, "sort_keys", false);
  }

  static String dumps(Object value, Callable.Given given) {
    Json json = new Json(given);
    json.write(value, 0);
    return json.out.toString();
  }

  private static String indent(Object value, Callable.Given given) {
    return switch (value) {
      case null -> null;
      case Long n -> " ".repeat(Math.clamp(n, 0, 64));
      case String s -> s;
      default -> throw given.error("'indent' must be a number, got " + Values.typeName(value));
    };
  }

  private void write(Object value, int depth) {
    if (out.length() > Budget.MAX_OUTPUT) {
      throw TemplateException.at(line, "tojson makes too much text");
    }
    switch (value) {
      case null -> out.append("null");
      case Boolean b -> out.append(b);
      case Long n -> out.append(n);
      case Double d -> out.append(number(d));
      case String s -> string(s);
      case List<?> list -> list(list, depth);
      case Map<?, ?> map -> map(map, depth);
      case Undefined undefined -> throw undefined.used(line);
      default -> throw TemplateException.at(line, Values.typeName(value) + " is not JSON");
    }
  }

  private static String number(double value) {
    if (Double.isNaN(value)) {
      return "NaN";
    }
    return Double.isInfinite(value) ? (value > 0 ? "Infinity" : "-Infinity") : Values.number(value);
  }

  private void list(List<?> list, int depth) {
    if (list.isEmpty()) {
      out.append("[]");
      return;
    }
    out.append('[');
    for (int i = 0; i < list.size(); i++) {
      separate(i, depth + 1);
      write(list.get(i), depth + 1);
    }
    newLine(depth);
    out.append(']');
  }

  private void map(Map<?, ?> map, int depth) {
    if (map.isEmpty()) {
      out.append("{}");
      return;
    }
    out.append('{');
    List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
    if (sortKeys) {
      entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey(), line));
    }
    for (int i = 0; i < entries.size(); i++) {
      separate(i, depth + 1);
      string(key(entries.get(i).getKey()));
      out.append(keySeparator);
      write(entries.get(i).getValue(), depth + 1);
    }
    newLine(depth);
    out.append('}');
  }

  private static String key(Object key) {
    return switch (key) {
      case null -> "null";
      case Boolean b -> b.toString();
      default -> Values.text(key);
    };
  }

  private void separate(int index, int depth) {
    if (index > 0) {
      out.append(itemSeparator);
    }
    newLine(depth);
  }

  private void newLine(int depth) {
    if (indent != null) {
      out.append('\n').append(indent.repeat(depth));
    }
  }

  private void string(String text) {
    out.append('"');
    for (int i = 0; i < text.length(); i++) {
      character(text.charAt(i));
    }
    out.append('"');
  }

  private void character(char c) {
    switch (c) {
      case '"' -> out.append("\\\"");
      case '\\' -> out.append("\\\\");
      case '\n' -> out.append("\\n");
      case '\r' -> out.append("\\r");
      case '\t' -> out.append("\\t");
      case '\b' -> out.append("\\b");
      case '\f' -> out.append("\\f");
      default -> {
        if (c < 0x20 || (ascii && c > 0x7e)) {
          out.append(String.format("\\u%04x", (int) c));
        } else {
          out.append(c);
        }
      }
    }
  }
}
