package dev.kvasir.operator.inferencedeployment.plan;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Durations as the API writes them: 90s, 10m, 1h30m. */
final class DrainDuration {
  private static final Pattern PATTERN =
      Pattern.compile("(?:([0-9]{1,4})h)?(?:([0-9]{1,4})m)?(?:([0-9]{1,5})s)?");

  private DrainDuration() {}

  static boolean isValid(String text) {
    return !text.isEmpty() && PATTERN.matcher(text).matches();
  }

  static long seconds(String text) {
    Matcher matcher = PATTERN.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("not a duration such as 90s, 10m or 1h30m: " + text);
    }
    return 3600 * number(matcher.group(1))
        + 60 * number(matcher.group(2))
        + number(matcher.group(3));
  }

  private static long number(String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
