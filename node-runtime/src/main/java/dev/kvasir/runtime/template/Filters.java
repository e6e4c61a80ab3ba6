package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What may stand behind {@code |}; those that take lists are in {@link ListFilters}. */
final class Filters {
  @FunctionalInterface
  interface Filter {
    Object apply(Object value, Given given);
  }

  private static final Map<String, Filter> FILTERS = new HashMap<>(ListFilters.ALL);

  static {
    FILTERS.put("abs", Filters::absolute);
    FILTERS.put("capitalize", (v, g) -> Methods.capitalize(Values.text(v)));
    FILTERS.put("default", Filters::standard);
    FILTERS.put("d", Filters::standard);
    FILTERS.put("e", (v, g) -> escape(Values.text(v)));
    FILTERS.put("escape", (v, g) -> escape(Values.text(v)));
    FILTERS.put("float", Filters::toFloat);
    FILTERS.put("format", Filters::format);
    FILTERS.put("indent", Filters::indent);
    FILTERS.put("int", Filters::toInteger);
    FILTERS.put("lower", (v, g) -> Values.text(v).toLowerCase(Locale.ROOT));
    FILTERS.put("replace", Filters::replace);
    FILTERS.put("round", Filters::round);
    FILTERS.put("safe", (v, g) -> Values.text(v));
    FILTERS.put("string", (v, g) -> Values.text(v));
    FILTERS.put("title", (v, g) -> Methods.title(Values.text(v)));
    FILTERS.put("tojson", Json::dumps);
    FILTERS.put("trim", Filters::trim);
    FILTERS.put("upper", (v, g) -> Values.text(v).toUpperCase(Locale.ROOT));
    FILTERS.put("wordcount", (v, g) -> (long) Methods.words(Values.text(v)).size());
  }

  private Filters() {}

  /**
   * A name that nobody knows is an error only where it is reached: jinja2 lets it stand in an if.
   */
  static Object apply(String name, Object value, Given given) {
    Filter filter = FILTERS.get(name);
    if (filter == null) {
      throw given.error("the filter '" + name + "' is not supported");
    }
    return filter.apply(value, given);
  }

  private static Object standard(Object value, Given given) {
    boolean absent =
        value instanceof Undefined || (given.truth(1, "boolean", false) && !Values.truth(value));
    return absent ? given.get(0, "default_value", "") : value;
  }

  private static Object format(Object value, Given given) {
    if (!given.positional().isEmpty() && !given.named().isEmpty()) {
      throw given.error("'format' takes arguments by position or by name, not both");
    }
    Object values = given.named().isEmpty() ? new Tuple(given.positional()) : given.named();
    return Formatting.percent(Values.text(value), values, given.line());
  }

  private static Object absolute(Object value, Given given) {
    return switch (value) {
      case Long n -> Math.absExact(n);
      case Double d -> Math.abs(d);
      case null, default ->
          throw given.error("'abs' needs a number, got " + Values.typeName(value));
    };
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("'", "&#39;")
        .replace("\"", "&#34;");
  }

  private static Object toInteger(Object value, Given given) {
    Object standard = given.get(0, "default", 0L);
    int base = Math.clamp(given.integer(1, "base", 10), 2, 36);
    try {
      return switch (value) {
        case Long n -> n;
        case Boolean b -> b ? 1L : 0L;
        case Double d -> d.longValue();
        case String s -> base == 10 ? integer(s.strip()) : Long.valueOf(s.strip(), base);
        case null, default -> standard;
      };
    } catch (NumberFormatException e) {
      return standard;
    }
  }

  private static Long integer(String text) {
    try {
      return Long.valueOf(text);
    } catch (NumberFormatException e) {
      return (long) Double.parseDouble(text);
    }
  }

  private static Object toFloat(Object value, Given given) {
    Object standard = given.get(0, "default", 0.0);
    try {
      return switch (value) {
        case Double d -> d;
        case String s -> Double.valueOf(s.strip());
        case null -> standard;
        default -> Values.isNumber(value) ? (Object) Values.asDouble(value) : standard;
      };
    } catch (NumberFormatException e) {
      return standard;
    }
  }

  private static Object round(Object value, Given given) {
    if (!Values.isNumber(value)) {
      throw given.error("'round' needs a number, got " + Values.typeName(value));
    }
    int digits = Math.clamp(given.integer(0, "precision", 0), -300, 300);
    double scale = Math.pow(10, digits);
    double scaled = Values.asDouble(value) * scale;
    return switch (Values.text(given.get(1, "method", "common"))) {
      case "ceil" -> Math.ceil(scaled) / scale;
      case "floor" -> Math.floor(scaled) / scale;
      default -> Math.rint(scaled) / scale;
    };
  }

  private static Object replace(Object value, Given given) {
    String text = Values.text(value);
    return Methods.replace(
        text,
        Values.text(given.required(0, "old")),
        Values.text(given.required(1, "new")),
        given.get(2, "count", null) instanceof Long count ? count : -1);
  }

  private static Object trim(Object value, Given given) {
    boolean any = given.get(0, "chars", null) == null;
    return Methods.strip(Values.text(value), any ? null : given.string(0, "chars"), true, true);
  }

  /** Indents every line but the first and the empty ones, as jinja2's does. */
  private static Object indent(Object value, Given given) {
    Object width = given.get(0, "width", 4L);
    String by = width instanceof Long n ? " ".repeat(Math.clamp(n, 0, 256)) : Values.text(width);
    boolean first = given.truth(1, "first", false);
    boolean blank = given.truth(2, "blank", false);
    List<String> lines = new ArrayList<>();
    for (String line : Values.text(value).split("\n", -1)) {
      boolean indented = lines.isEmpty() ? first : blank || !line.isEmpty();
      lines.add(indented ? by + line : line);
    }
    return String.join("\n", lines);
  }
}
