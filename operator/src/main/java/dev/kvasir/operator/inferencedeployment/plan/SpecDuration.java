package dev.kvasir.operator.inferencedeployment.plan;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the API writes them: 500ms, 90s, 10m, 1h30m. */
public final class SpecDuration {
  private static final Pattern PATTERN =
      Pattern.compile("([0-9]{1,6})ms|(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

  private SpecDuration() {}

  static boolean isValid(String text) {
    return !text.isEmpty() && PATTERN.matcher(text).matches();
  }

  /** Whether it is a duration, and between the two. */
  static boolean isBetween(String text, Duration least, Duration most) {
    return isValid(text) && parse(text).compareTo(least) >= 0 && parse(text).compareTo(most) <= 0;
  }

  public static Duration parse(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new IllegalArgumentException("not a duration such as 90s, 10m or 1h30m: " + text);
    }
    return Duration.ofMillis(number(matcher.group(1)))
        .plusHours(number(matcher.group(2)))
        .plusMinutes(number(matcher.group(3)))
        .plusSeconds(number(matcher.group(4)));
  }

  static long seconds(String text) {
    return parse(text).toSeconds();
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
