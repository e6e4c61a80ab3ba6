package dev.kvasir.operator.telemetry;

import java.net.URI;
import java.time.Duration;
import java.util.List;

/**
 * How pods are read.
 *
 * @param interval between two rounds
 * @param timeout for one page
 * @param mostBytes of one page
 * @param staleAfter from when on a reading says nothing of now
 * @param holders pages of those who hold requests while a deployment has no pod
 */
public record TelemetrySettings(
    Duration interval, Duration timeout, long mostBytes, Duration staleAfter, List<URI> holders) {

  public TelemetrySettings {
    holders = List.copyOf(holders);
    if (!interval.isPositive() || !timeout.isPositive() || mostBytes < 1) {
      throw new IllegalArgumentException(
          "telemetry's interval %s, timeout %s and %d bytes must be positive"
              .formatted(interval, timeout, mostBytes));
    }
    if (staleAfter.compareTo(interval.plus(timeout)) < 0) {
      throw new IllegalArgumentException(
          "readings are stale after %s: it must be at least interval and timeout, %s"
              .formatted(staleAfter, interval.plus(timeout)));
    }
    for (URI holder : holders) {
      if (holder.getHost() == null || !"http".equals(holder.getScheme())) {
        throw new IllegalArgumentException(
            "the holder of requests '%s' must be a URL such as http://HOST:PORT/metrics"
                .formatted(holder));
      }
    }
  }
}
