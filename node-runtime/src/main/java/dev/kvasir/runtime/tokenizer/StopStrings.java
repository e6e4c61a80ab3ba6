package dev.kvasir.runtime.tokenizer;

import java.util.List;

/**
 * Watches streamed text for stop strings: what could be the beginning of one is held back until it
 * is clear, so that no part of one gets out.
 */
public final class StopStrings {
  private final List<String> stops;
  private final boolean included;
  private final StringBuilder held = new StringBuilder();
  private String matched;

  public StopStrings(List<String> stops) {
    this(stops, false);
  }

  /**
   * @param included whether the text ends with the stop string rather than before it
   */
  public StopStrings(List<String> stops, boolean included) {
    this.stops = stops;
    this.included = included;
  }

  /** The text that may go out now; after a match, what stood before the stop string. */
  public String append(String text) {
    if (stops.isEmpty()) {
      return text;
    }
    held.append(text);
    int at = firstMatch();
    if (at >= 0) {
      return take(included ? at + matched.length() : at);
    }
    return take(held.length() - possibleBeginning());
  }

  /** Takes text in which no stop string may end; one may begin in it. */
  public String appendUnwatched(String text) {
    held.append(text);
    return take(held.length() - possibleBeginning());
  }

  /** The stop string that was found, or null. */
  public String matched() {
    return matched;
  }

  /** The rest, where the output ends without a match. */
  public String finish() {
    return matched == null ? take(held.length()) : "";
  }

  private String take(int end) {
    String text = held.substring(0, end);
    held.delete(0, end);
    return text;
  }

  private int firstMatch() {
    int first = -1;
    for (String stop : stops) {
      int at = held.indexOf(stop);
      if (at >= 0 && (first < 0 || at < first)) {
        first = at;
        matched = stop;
      }
    }
    return first;
  }

  /** The longest end of the held text that a stop string begins with. */
  private int possibleBeginning() {
    int longest = stops.stream().mapToInt(String::length).max().orElse(0) - 1;
    for (int length = Math.min(longest, held.length()); length > 0; length--) {
      String end = held.substring(held.length() - length);
      if (stops.stream().anyMatch(stop -> stop.startsWith(end))) {
        return length;
      }
    }
    return 0;
  }
}
