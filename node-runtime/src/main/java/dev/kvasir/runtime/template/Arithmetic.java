package dev.kvasir.runtime.template;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Python's binary operators on numbers, strings and lists; integers are 64 bits wide. */
final class Arithmetic {
  private Arithmetic() {}

  static Object apply(String operator, Object left, Object right, Budget budget, int line) {
    if (left instanceof Undefined undefined) {
      throw undefined.used(line);
    }
    if (right instanceof Undefined undefined) {
      throw undefined.used(line);
    }
    if (Values.isNumber(left) && Values.isNumber(right)) {
      return numbers(operator, left, right, line);
    }
    if (operator.equals("%") && left instanceof String text) {
      String filled = Formatting.percent(text, right, line);
      budget.text(filled.length());
      return filled;
    }
    if (operator.equals("+") && left instanceof String a && right instanceof String b) {
      budget.text(a.length() + (long) b.length());
      return a + b;
    }
    if (operator.equals("+")
        && left instanceof List<?> a
        && right instanceof List<?> b
        && left instanceof Tuple == right instanceof Tuple) {
      return concatenated(a, b, budget);
    }
    if (operator.equals("*") && right instanceof Long times) {
      return repeated(left, times, budget, line);
    }
    if (operator.equals("*") && left instanceof Long times) {
      return repeated(right, times, budget, line);
    }
    throw TemplateException.at(
        line,
        "'"
            + operator
            + "' does not take "
            + Values.typeName(left)
            + " and "
            + Values.typeName(right));
  }

  private static List<Object> concatenated(List<?> a, List<?> b, Budget budget) {
    budget.text(a.size() + (long) b.size());
    List<Object> all = new ArrayList<>(a);
    all.addAll(b);
    return a instanceof Tuple ? new Tuple(all) : all;
  }

  private static Object repeated(Object value, long times, Budget budget, int line) {
    int count = Math.clamp(times, 0, Budget.MAX_OUTPUT);
    return switch (value) {
      case String text -> {
        budget.text((long) text.length() * count);
        yield text.repeat(count);
      }
      case List<?> list -> {
        budget.text((long) list.size() * count);
        List<Object> all = new ArrayList<>();
        Collections.nCopies(count, list).forEach(all::addAll);
        yield list instanceof Tuple ? new Tuple(all) : all;
      }
      case null, default ->
          throw TemplateException.at(line, "'*' can't repeat " + Values.typeName(value));
    };
  }

  private static Object numbers(String operator, Object left, Object right, int line) {
    Object a = whole(left);
    Object b = whole(right);
    try {
      return a instanceof Long x && b instanceof Long y && !operator.equals("/")
          ? integers(operator, x, y, line)
          : floats(operator, Values.asDouble(a), Values.asDouble(b), line);
    } catch (ArithmeticException e) {
      throw TemplateException.at(
          line, left + " " + operator + " " + right + " does not fit 64 bits");
    }
  }

  private static Object whole(Object value) {
    return value instanceof Boolean b ? (Object) (b ? 1L : 0L) : value;
  }

  private static Object integers(String operator, long a, long b, int line) {
    return switch (operator) {
      case "+" -> Math.addExact(a, b);
      case "-" -> Math.subtractExact(a, b);
      case "*" -> Math.multiplyExact(a, b);
      case "//" -> Math.floorDivExact(a, notZero(b, line));
      case "%" -> Math.floorMod(a, notZero(b, line));
      case "**" -> b < 0 ? (Object) Math.pow((double) a, (double) b) : (Object) power(a, b);
      default -> throw unknown(operator, line);
    };
  }

  private static long power(long base, long exponent) {
    if (base == 0 || base == 1) {
      return exponent == 0 ? 1 : base;
    }
    if (base == -1) {
      return exponent % 2 == 0 ? 1 : -1;
    }
    return Math.powExact(base, (int) Math.min(exponent, 64));
  }

  private static Object floats(String operator, double a, double b, int line) {
    return switch (operator) {
      case "+" -> a + b;
      case "-" -> a - b;
      case "*" -> a * b;
      case "/" -> a / notZero(b, line);
      case "//" -> Math.floor(a / notZero(b, line));
      case "%" -> a - notZero(b, line) * Math.floor(a / b);
      case "**" -> Math.pow(a, b);
      default -> throw unknown(operator, line);
    };
  }

  private static long notZero(long divisor, int line) {
    if (divisor == 0) {
      throw TemplateException.at(line, "division by zero");
    }
    return divisor;
  }

  private static double notZero(double divisor, int line) {
    if (divisor == 0) {
      throw TemplateException.at(line, "division by zero");
    }
    return divisor;
  }

  private static TemplateException unknown(String operator, int line) {
    return TemplateException.at(line, "the operator '" + operator + "' is not supported");
  }
}
