package dev.kvasir.runtime.grammar;

import java.util.Map;

/** The values of {@code format} that are enforced, each as an expression for the whole string. */
final class Formats {
  private static final String DATE =
      "[1-9][0-9]{3}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])"
          + "|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)|02-(?:0[1-9]|1[0-9]|2[0-8]))";
  private static final String CLOCK = "(?:[01][0-9]|2[0-3]):[0-5][0-9]";

  /** Offsets as far from UTC as clocks on Earth are. */
  private static final String TIME =
      CLOCK + ":[0-5][0-9](?:\\.[0-9]{1,6})?(?:Z|[+-](?:0[0-9]|1[0-3]):[0-5][0-9])";

  private static final String LABEL = "[A-Za-z0-9]{1,16}(?:-[A-Za-z0-9]{1,16}){0,2}";
  private static final String HOST = "(?:" + LABEL + "\\.){1,3}[A-Za-z]{2,10}";
  private static final String IPV4 =
      "(?:(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\\.){3}"
          + "(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])";
  private static final String URI_CHARACTER = "(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-Fa-f]{2})";

  private static final Map<String, String> EXPRESSIONS =
      Map.ofEntries(
          Map.entry("date", DATE),
          Map.entry("time", TIME),
          Map.entry("date-time", DATE + "T" + TIME),
          Map.entry("duration", duration()),
          Map.entry("uuid", "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"),
          Map.entry("email", "[A-Za-z0-9_+-]{1,16}(?:\\.[A-Za-z0-9_+-]{1,16}){0,2}@" + HOST),
          Map.entry("hostname", HOST),
          Map.entry("ipv4", IPV4),
          Map.entry("ipv6", ipv6()),
          Map.entry(
              "uri",
              "https?://"
                  + HOST
                  + "(?::[1-9][0-9]{1,3})?(?:/"
                  + URI_CHARACTER
                  + "*)?(?:\\?"
                  + URI_CHARACTER
                  + "*)?(?:#"
                  + URI_CHARACTER
                  + "*)?"));

  private Formats() {}

  /** Null where a format is not known. */
  static String expression(String format) {
    return EXPRESSIONS.get(format);
  }

  static String known() {
    return String.join(", ", EXPRESSIONS.keySet().stream().sorted().toList());
  }

  private static String duration() {
    String seconds = "[0-9]{1,4}S";
    String minutes = "[0-9]{1,4}M(?:" + seconds + ")?";
    String hours = "[0-9]{1,4}H(?:" + minutes + ")?";
    String time = "T(?:" + hours + "|" + minutes + "|" + seconds + ")";
    String days = "[0-9]{1,4}D";
    String months = "[0-9]{1,4}M(?:" + days + ")?";
    String years = "[0-9]{1,4}Y(?:" + months + ")?";
    return "P(?:[0-9]{1,4}W|(?:"
        + years
        + "|"
        + months
        + "|"
        + days
        + ")(?:"
        + time
        + ")?|"
        + time
        + ")";
  }

  private static String ipv6() {
    String group = "[0-9a-fA-F]{1,4}";
    StringBuilder all = new StringBuilder("(?:" + group + ":){7}" + group);
    for (int before = 1; before <= 6; before++) {
      all.append("|(?:%s:){%d}(?::%s){1,%d}".formatted(group, before, group, 7 - before));
    }
    return all.toString();
  }
}
