package dev.kvasir.operator.telemetry;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * The samples of a page in Prometheus' text format, or in OpenMetrics', which differs in nothing
 * that matters here. A line that is no sample is an error; comments are skipped.
 */
public final class MetricsText {
  private static final int MOST_SAMPLES = 100_000;

  private final Map<String, List<Sample>> samples = new HashMap<>();

  /** One value with its labels. */
  public record Sample(Map<String, String> labels, double value) {}

  private MetricsText() {}

  /** Reads a page; throws {@link IllegalArgumentException} that names the line. */
  public static MetricsText parse(String page) {
    return parse(page, name -> true);
  }

  /** The same for some names only; the rest of another's line is not looked at. */
  public static MetricsText parse(String page, Predicate<String> wanted) {
    MetricsText text = new MetricsText();
    int number = 0;
    int count = 0;
    for (String line : (Iterable<String>) page.lines()::iterator) {
      number++;
      if (!line.isBlank() && line.charAt(0) != '#') {
        if (++count > MOST_SAMPLES) {
          throw new IllegalArgumentException("more than " + MOST_SAMPLES + " samples");
        }
        text.add(new LineReader(line, number), wanted);
      }
    }
    return text;
  }

  private void add(LineReader line, Predicate<String> wanted) {
    String name = line.name();
    if (!wanted.test(name)) {
      return;
    }
    Map<String, String> labels = line.labels();
    samples.computeIfAbsent(name, n -> new ArrayList<>()).add(new Sample(labels, line.value()));
  }

  public List<Sample> samples(String name) {
    return samples.getOrDefault(name, List.of());
  }

  public boolean has(String name) {
    return samples.containsKey(name);
  }

  /** The sum over all label sets; 0 where there is none. */
  public double sum(String name) {
    return samples(name).stream().mapToDouble(Sample::value).sum();
  }

  /** The sum over the label sets in which a label has a value. */
  public double sum(String name, String label, String value) {
    return samples(name).stream()
        .filter(sample -> value.equals(sample.labels().get(label)))
        .mapToDouble(Sample::value)
        .sum();
  }

  /** A number as the format writes it: infinity and NaN have words of their own. */
  static double number(String text) {
    return switch (text) {
      case "+Inf", "Inf" -> Double.POSITIVE_INFINITY;
      case "-Inf" -> Double.NEGATIVE_INFINITY;
      case "NaN" -> Double.NaN;
      default -> Double.parseDouble(text);
    };
  }

  /** Reads one line from left to right. */
  private static final class LineReader {
    private final String line;
    private final int number;
    private int at;

    LineReader(String line, int number) {
      this.line = line;
      this.number = number;
    }

    String name() {
      int start = at;
      while (at < line.length() && isNameCharacter(line.charAt(at))) {
        at++;
      }
      if (at == start) {
        throw wrong("a metric's name");
      }
      return line.substring(start, at);
    }

    private static boolean isNameCharacter(char c) {
      return c == '_' || c == ':' || Character.isLetterOrDigit(c);
    }

    Map<String, String> labels() {
      Map<String, String> labels = new HashMap<>();
      if (at == line.length() || line.charAt(at) != '{') {
        return labels;
      }
      at++;
      while (true) {
        skip(' ');
        skip(',');
        skip(' ');
        if (at < line.length() && line.charAt(at) == '}') {
          at++;
          return labels;
        }
        String label = name();
        expect('=');
        expect('"');
        labels.put(label, quoted());
      }
    }

    private void skip(char c) {
      while (at < line.length() && line.charAt(at) == c) {
        at++;
      }
    }

    private void expect(char c) {
      if (at == line.length() || line.charAt(at) != c) {
        throw wrong("'" + c + "'");
      }
      at++;
    }

    private String quoted() {
      StringBuilder text = new StringBuilder();
      for (; at < line.length(); at++) {
        char c = line.charAt(at);
        if (c == '"') {
          at++;
          return text.toString();
        }
        if (c == '\\' && at + 1 < line.length()) {
          at++;
          text.append(line.charAt(at) == 'n' ? '\n' : line.charAt(at));
        } else {
          text.append(c);
        }
      }
      throw wrong("a closing '\"'");
    }

    /** The value; a timestamp after it is of no interest. */
    double value() {
      skip(' ');
      int end = line.indexOf(' ', at);
      String value = end < 0 ? line.substring(at) : line.substring(at, end);
      try {
        return number(value);
      } catch (NumberFormatException e) {
        throw wrong("a number");
      }
    }

    private IllegalArgumentException wrong(String wanted) {
      String shown = line.length() > 80 ? line.substring(0, 80) + "..." : line;
      return new IllegalArgumentException(
          "line %d: %s is wanted at column %d of '%s'".formatted(number, wanted, at + 1, shown));
    }
  }
}
