package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Python's two ways to fill values into a text: {@code '%s' % x} and {@code '{}'.format(x)}. */
final class Formatting {
  private static final Pattern PERCENT =
      Pattern.compile("%(?:\\((\\w+)\\))?([-+ 0]*)(\\d{0,4})(?:\\.(\\d{1,3}))?(.)", Pattern.DOTALL);
  private static final Pattern BRACES =
      Pattern.compile("\\{\\{|\\}\\}|\\{([^{}!:]*)(?:!([rs]))?(?::([^{}]*))?\\}|[{}]");
  private static final Pattern STEP = Pattern.compile("\\.(\\w+)|\\[([^\\]]+)\\]");

  private Formatting() {}

  /** {@code values} is a tuple of them, a mapping of named ones, or one. */
  static String percent(String text, Object values, int line) {
    List<?> list =
        values instanceof Tuple tuple ? tuple : List.of(values == null ? "None" : values);
    StringBuilder out = new StringBuilder();
    Matcher m = PERCENT.matcher(text);
    int next = 0;
    int from = 0;
    for (; m.find(from); from = m.end()) {
      out.append(text, from, m.start());
      if (m.group().equals("%%")) {
        out.append('%');
        continue;
      }
      Object value = m.group(1) == null ? at(list, next++, line) : named(values, m.group(1), line);
      out.append(percent(m, value, line));
    }
    boolean tooMany = next < list.size() && !(values instanceof Map && next == 0);
    if (tooMany || text.indexOf('%', from) >= 0) {
      throw TemplateException.at(line, "'%' does not take as many values, or ends too soon");
    }
    return out.append(text.substring(from)).toString();
  }

  private static String percent(Matcher m, Object value, int line) {
    String flags = m.group(2);
    String type = m.group(5);
    boolean isText = type.equals("s") || type.equals("r");
    if (!isText && !"difFeExXo".contains(type)) {
      throw TemplateException.at(line, "the format '" + m.group() + "' is not supported");
    }
    String align = flags.contains("-") ? "<" : isText ? ">" : flags.contains("0") ? "=" : ">";
    String fill = flags.contains("0") && align.equals("=") ? "0" : " ";
    String sign = isText ? "" : flags.contains("+") ? "+" : flags.contains(" ") ? " " : "";
    String precision = m.group(4) == null || "di".contains(type) ? "" : "." + m.group(4);
    String kind = isText ? "s" : type.equals("i") ? "d" : type;
    Object shown = type.equals("r") ? Values.representation(value) : value;
    Object number = kind.equals("d") && value instanceof Double d ? (Object) d.longValue() : shown;
    return FormatSpec.of(fill + align + sign + m.group(3) + precision + kind, line)
        .format(number, line);
  }

  private static Object at(List<?> values, int index, int line) {
    if (index >= values.size()) {
      throw TemplateException.at(line, "the format has more places than there are values");
    }
    return values.get(index);
  }

  private static Object named(Object values, String name, int line) {
    if (values instanceof Map<?, ?> map && map.containsKey(name)) {
      return map.get(name);
    }
    throw TemplateException.at(line, "the format needs a value named '" + name + "'");
  }

  static String braces(String text, Given given) {
    StringBuilder out = new StringBuilder();
    Matcher m = BRACES.matcher(text);
    int next = 0;
    int from = 0;
    for (; m.find(from); from = m.end()) {
      out.append(text, from, m.start());
      if (m.group(1) == null) {
        if (m.group().length() == 1) {
          throw given.error("a single '" + m.group() + "' in a format");
        }
        out.append(m.group().charAt(0));
        continue;
      }
      String field = m.group(1);
      boolean byOrder = field.isEmpty() || field.startsWith(".") || field.startsWith("[");
      Object value = field(byOrder ? next++ + field : field, given);
      Object shown = "r".equals(m.group(2)) ? Values.representation(value) : value;
      String spec = m.group(3) == null ? "" : m.group(3);
      out.append(FormatSpec.of(spec, given.line()).format(shown, given.line()));
    }
    return out.append(text.substring(from)).toString();
  }

  /** A value by its place or name, then items and attributes of it. */
  private static Object field(String field, Given given) {
    String name = field.split("[.\\[]", 2)[0];
    Object value =
        name.matches("\\d{1,4}")
            ? at(given.positional(), Integer.parseInt(name), given.line())
            : named(given.named(), name, given.line());
    Matcher m = STEP.matcher(field);
    for (int at = name.length(); m.find(at); at = m.end()) {
      String step = m.group(1) == null ? m.group(2) : m.group(1);
      boolean isPlace = m.group(1) == null && step.matches("\\d{1,9}");
      value = Indexing.item(value, isPlace ? (Object) Long.valueOf(step) : step, given.line());
    }
    return value;
  }
}
