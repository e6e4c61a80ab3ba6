package dev.kvasir.e2e.node;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What {@code kubectl logs} may ask for, as the kubelet's URL carries it. */
record LogQuery(
    boolean follow,
    boolean previous,
    boolean timestamps,
    Optional<Integer> tailLines,
    Optional<Instant> since,
    Optional<Long> limitBytes) {

  /** Fails with a message for the user where a value can't be read. */
  static LogQuery of(Map<String, String> parameters, Instant now) {
    return new LogQuery(
        flag(parameters, "follow"),
        flag(parameters, "previous"),
        flag(parameters, "timestamps"),
        number(parameters, "tailLines").map(Math::toIntExact),
        since(parameters, now),
        number(parameters, "limitBytes"));
  }

  List<LogLine> select(List<LogLine> lines) {
    List<LogLine> recent = lines.stream().filter(this::isRecent).toList();
    int from = tailLines.map(tail -> Math.max(0, recent.size() - tail)).orElse(0);
    return recent.subList(from, recent.size());
  }

  private boolean isRecent(LogLine line) {
    return since.map(from -> !line.time().isBefore(from)).orElse(true);
  }

  private static Optional<Instant> since(Map<String, String> parameters, Instant now) {
    Optional<Instant> bySeconds =
        number(parameters, "sinceSeconds").map(s -> now.minus(Duration.ofSeconds(s)));
    return bySeconds.or(() -> value(parameters, "sinceTime").map(Instant::parse));
  }

  private static boolean flag(Map<String, String> parameters, String name) {
    return value(parameters, name).map(v -> v.equals("true") || v.equals("1")).orElse(false);
  }

  private static Optional<Long> number(Map<String, String> parameters, String name) {
    Optional<Long> number = value(parameters, name).map(text -> parse(name, text));
    number
        .filter(n -> n < 0)
        .ifPresent(n -> {
          throw new IllegalArgumentException(name + " must not be negative, but is " + n);
        });
    return number;
  }

  private static long parse(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          name + " must be a whole number, but is '" + text + "'", e);
    }
  }

  private static Optional<String> value(Map<String, String> parameters, String name) {
    return Optional.ofNullable(parameters.get(name)).filter(v -> !v.isEmpty());
  }
}
