package dev.kvasir.runtime.model;

import dev.kvasir.runtime.engine.StartupException;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** A regular expression of a quantization config, held against the beginning of layers' names. */
final class LayerPattern {
  private static final int MOST_STEPS = 200_000;

  private final String regex;
  private final Pattern pattern;

  private LayerPattern(String regex, Pattern pattern) {
    this.regex = regex;
    this.pattern = pattern;
  }

  /**
   * Compiles what Python's re would take.
   *
   * @param field that it came from, for errors
   */
  static LayerPattern compile(String regex, String field) {
    try {
      return new LayerPattern(regex, Pattern.compile(regex.replace("(?P<", "(?<")));
    } catch (PatternSyntaxException e) {
      throw new StartupException(
          "%s: '%s' is no regular expression: %s".formatted(field, regex, e.getDescription()));
    }
  }

  boolean matches(String layer) {
    try {
      return pattern.matcher(new Bounded(layer, new int[1])).lookingAt();
    } catch (TooManySteps e) {
      throw new StartupException(
          "the regular expression '%s' of the quantization config takes too long on '%s'"
              .formatted(regex, layer));
    }
  }

  /** Text that can be read so often only: a hostile expression must not hang the start. */
  private record Bounded(String text, int[] steps) implements CharSequence {
    @Override
    public char charAt(int index) {
      if (steps[0]++ > MOST_STEPS) {
        throw new TooManySteps();
      }
      return text.charAt(index);
    }

    @Override
    public int length() {
      return text.length();
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      return new Bounded(text.substring(start, end), steps);
    }

    @Override
    public String toString() {
      return text;
    }
  }

  private static final class TooManySteps extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }
}
