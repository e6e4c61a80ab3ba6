package dev.kvasir.runtime.template;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How Python writes one value into a text, told from what stands in the braces of {@code format}.
 *
 * @param align '&lt;', '&gt;', '^', '=' for zeros behind the sign, or 0 for the type's own
 * @param precision -1 where none is said
 * @param type 0 where none is said
 */
record FormatSpec(
    int fill, char align, char sign, int width, boolean groups, int precision, char type) {
  private static final int MOST_WIDTH = 1000;
  private static final Pattern SPEC =
      Pattern.compile(
          "(?:(.)?([<>^=]))?([-+ ])?(0)?(\\d{1,4})?(,)?(?:\\.(\\d{1,3}))?([sdfFeExXob%])?",
          Pattern.DOTALL);

  /** Reads what stands behind the colon. */
  static FormatSpec of(String text, int line) {
    Matcher m = SPEC.matcher(text);
    if (!m.matches()) {
      throw TemplateException.at(line, "the format '" + text + "' is not supported");
    }
    boolean zeros = m.group(4) != null && m.group(2) == null;
    int fill = m.group(1) != null ? m.group(1).codePointAt(0) : m.group(4) != null ? '0' : ' ';
    return new FormatSpec(
        fill,
        zeros ? '=' : first(m.group(2)),
        first(m.group(3)),
        number(m.group(5), 0, line),
        m.group(6) != null,
        number(m.group(7), -1, line),
        first(m.group(8)));
  }

  private static char first(String text) {
    return text == null ? 0 : text.charAt(0);
  }

  private static int number(String digits, int otherwise, int line) {
    int number = digits == null ? otherwise : Integer.parseInt(digits);
    if (number > MOST_WIDTH) {
      throw TemplateException.at(line, "a format wider than " + MOST_WIDTH + " is not supported");
    }
    return number;
  }

  String format(Object value, int line) {
    boolean isText = type == 's' || (type == 0 && !Values.isNumber(value));
    if (isText) {
      return padded("", cut(Values.text(value)), '<');
    }
    if (!Values.isNumber(value)) {
      throw TemplateException.at(
          line, "the format '" + type + "' needs a number, got " + Values.typeName(value));
    }
    String digits = digits(value, line);
    boolean negative = digits.startsWith("-");
    String shown = negative ? "-" : sign == '+' || sign == ' ' ? String.valueOf(sign) : "";
    return padded(shown, negative ? digits.substring(1) : digits, '>');
  }

  private String cut(String text) {
    boolean whole = precision < 0 || text.codePointCount(0, text.length()) <= precision;
    return whole ? text : text.substring(0, text.offsetByCodePoints(0, precision));
  }

  private String digits(Object value, int line) {
    return switch (type) {
      case 0 -> grouped(precision < 0 ? Values.text(value) : fixed(value, line));
      case 'd' -> grouped(String.valueOf(whole(value, line)));
      case 'x' -> Long.toString(whole(value, line), 16);
      case 'X' -> Long.toString(whole(value, line), 16).toUpperCase(Locale.ROOT);
      case 'o' -> Long.toString(whole(value, line), 8);
      case 'b' -> Long.toString(whole(value, line), 2);
      case 'e' -> exponent(Values.asDouble(value));
      case 'E' -> exponent(Values.asDouble(value)).toUpperCase(Locale.ROOT);
      case '%' -> decimal(Values.asDouble(value) * 100) + "%";
      default -> grouped(decimal(Values.asDouble(value)));
    };
  }

  private static String fixed(Object value, int line) {
    throw TemplateException.at(
        line, "a precision without a type is not supported for " + Values.typeName(value));
  }

  private static long whole(Object value, int line) {
    return switch (value) {
      case Long n -> n;
      case Boolean b -> b ? 1 : 0;
      default ->
          throw TemplateException.at(
              line, "the format needs a whole number, got " + Values.typeName(value));
    };
  }

  private int places() {
    return precision < 0 ? 6 : precision;
  }

  private String decimal(double value) {
    if (!Double.isFinite(value)) {
      return Values.text(value);
    }
    String text = new BigDecimal(value).setScale(places(), RoundingMode.HALF_EVEN).toPlainString();
    return isNegativeZero(value) || (value < 0 && !text.startsWith("-")) ? "-" + text : text;
  }

  private static boolean isNegativeZero(double value) {
    return value == 0 && 1 / value < 0;
  }

  private String exponent(double value) {
    if (!Double.isFinite(value)) {
      return Values.text(value);
    }
    MathContext digits = new MathContext(places() + 1, RoundingMode.HALF_EVEN);
    return String.format(Locale.ROOT, "%." + places() + "e", new BigDecimal(value).round(digits));
  }

  private String grouped(String digits) {
    return groups
        ? digits.replaceAll("(?<=\\d)(?=(\\d{3})+(?!\\d))(?<!\\.\\d{0,20})", ",")
        : digits;
  }

  private String padded(String shown, String text, char standard) {
    int missing = width - shown.length() - text.codePointCount(0, text.length());
    if (missing <= 0) {
      return shown + text;
    }
    String all = Character.toString(fill).repeat(missing);
    return switch (align == 0 ? standard : align) {
      case '<' -> shown + text + all;
      case '^' -> {
        int left = Character.toString(fill).length() * (missing / 2);
        yield all.substring(0, left) + shown + text + all.substring(left);
      }
      case '=' -> shown + all + text;
      default -> all + shown + text;
    };
  }
}
