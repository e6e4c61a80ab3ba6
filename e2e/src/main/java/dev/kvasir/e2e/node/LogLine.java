package dev.kvasir.e2e.node;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;

/** A line of a container's output and the time it came. */
record LogLine(Instant time, String text) {
  static List<LogLine> parse(byte[] stored) {
    return Arrays.stream(new String(stored, StandardCharsets.UTF_8).split("\n"))
        .filter(line -> line.contains(" "))
        .map(LogLine::parse)
        .toList();
  }

  private static LogLine parse(String stored) {
    int space = stored.indexOf(' ');
    return new LogLine(Instant.parse(stored.substring(0, space)), stored.substring(space + 1));
  }

  String render(boolean withTime) {
    return (withTime ? time + " " + text : text) + "\n";
  }
}
