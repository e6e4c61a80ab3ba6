package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What may stand behind {@code is}. */
final class Tests {
  @FunctionalInterface
  private interface Check {
    boolean holds(Object value, Given given);
  }

  private static final Map<String, Check> TESTS =
      Map.ofEntries(
          Map.entry("defined", (v, g) -> !(v instanceof Undefined)),
          Map.entry("undefined", (v, g) -> v instanceof Undefined),
          Map.entry("none", (v, g) -> v == null),
          Map.entry("string", (v, g) -> v instanceof String),
          Map.entry("number", (v, g) -> Values.isNumber(v)),
          Map.entry("integer", (v, g) -> v instanceof Long),
          Map.entry("float", (v, g) -> v instanceof Double),
          Map.entry("boolean", (v, g) -> v instanceof Boolean),
          Map.entry("true", (v, g) -> Boolean.TRUE.equals(v)),
          Map.entry("false", (v, g) -> Boolean.FALSE.equals(v)),
          Map.entry("mapping", (v, g) -> v instanceof Map),
          Map.entry("sequence", (v, g) -> isSequence(v)),
          Map.entry("iterable", (v, g) -> isIterable(v)),
          Map.entry("callable", (v, g) -> v instanceof Callable || v instanceof Undefined),
          Map.entry("even", (v, g) -> integer(v, g) % 2 == 0),
          Map.entry("odd", (v, g) -> integer(v, g) % 2 != 0),
          Map.entry("divisibleby", Tests::divisible),
          Map.entry(
              "lower", (v, g) -> Values.text(v).equals(Values.text(v).toLowerCase(Locale.ROOT))),
          Map.entry(
              "upper", (v, g) -> Values.text(v).equals(Values.text(v).toUpperCase(Locale.ROOT))),
          Map.entry("in", (v, g) -> Values.contains(g.required(0, "seq"), v, g.line())),
          Map.entry("sameas", (v, g) -> Values.equal(v, g.required(0, "other"))),
          Map.entry("eq", Tests::equal),
          Map.entry("equalto", Tests::equal),
          Map.entry("ne", (v, g) -> !equal(v, g)),
          Map.entry("lt", (v, g) -> compare(v, g) < 0),
          Map.entry("lessthan", (v, g) -> compare(v, g) < 0),
          Map.entry("le", (v, g) -> compare(v, g) <= 0),
          Map.entry("gt", (v, g) -> compare(v, g) > 0),
          Map.entry("greaterthan", (v, g) -> compare(v, g) > 0),
          Map.entry("ge", (v, g) -> compare(v, g) >= 0));

  private Tests() {}

  static boolean apply(String name, Object value, Given given) {
    Check check = TESTS.get(name);
    if (check == null) {
      throw given.error("the test '" + name + "' is not supported");
    }
    return check.holds(value, given);
  }

  private static boolean isIterable(Object value) {
    return isSequence(value) || value instanceof View || value instanceof Generator;
  }

  private static boolean isSequence(Object value) {
    return value instanceof List
        || value instanceof Map
        || value instanceof String
        || value instanceof Undefined;
  }

  private static boolean equal(Object value, Given given) {
    return Values.equal(value, given.required(0, "other"));
  }

  private static int compare(Object value, Given given) {
    return Values.compare(value, given.required(0, "other"), given.line());
  }

  private static boolean divisible(Object value, Given given) {
    Object by = given.required(0, "num");
    if (by instanceof Long divisor && divisor != 0) {
      return integer(value, given) % divisor == 0;
    }
    throw given.error("'divisibleby' needs a whole number other than 0");
  }

  private static long integer(Object value, Given given) {
    if (value instanceof Long number) {
      return number;
    }
    throw given.error("expected a whole number, got " + Values.typeName(value));
  }
}
