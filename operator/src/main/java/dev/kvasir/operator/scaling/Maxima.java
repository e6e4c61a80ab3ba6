package dev.kvasir.operator.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/**
 * The largest recommendations of the last while, in buckets of time, so that they fit into a
 * status.
 *
 * @param knownSince from when on nothing is missing
 */
public record Maxima(Instant knownSince, List<Bucket> buckets) {
  private static final int BUCKETS = 12;

  /** The largest recommendation between its start and the next bucket's. */
  public record Bucket(Instant start, int replicas) {}

  public Maxima {
    buckets = List.copyOf(buckets);
  }

  public static Maxima from(Instant now) {
    return new Maxima(now, List.of());
  }

  Maxima with(Instant now, int replicas, Duration window) {
    List<Bucket> kept = new ArrayList<>();
    Duration length = window.dividedBy(BUCKETS);
    // A bucket counts until its youngest moment has left the window.
    Instant oldest = now.minus(window).minus(length);
    buckets.stream().filter(bucket -> bucket.start().isAfter(oldest)).forEach(kept::add);
    if (!kept.isEmpty() && now.isBefore(kept.getLast().start().plus(length))) {
      Bucket last = kept.removeLast();
      kept.add(new Bucket(last.start(), Math.max(last.replicas(), replicas)));
    } else {
      kept.add(new Bucket(now, replicas));
    }
    return new Maxima(knownSince, kept);
  }

  /** After a time in which nobody watched: what was known stays, but the window is not whole. */
  Maxima brokenAt(Instant now) {
    return new Maxima(now, buckets);
  }

  public int largest() {
    return buckets.stream().mapToInt(Bucket::replicas).max().orElse(0);
  }

  /** Whether the whole window has been seen. */
  boolean isWhole(Instant now, Duration window) {
    return !knownSince.plus(window).isAfter(now);
  }
}
