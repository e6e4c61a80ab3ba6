package dev.kvasir.e2e.node;

import java.time.Duration;

/**
 * How long a container waits before it is started again: not at all at first, then from one second,
 * doubling to a minute.
 */
record RestartBackOff(int restartsInARow) {
  private static final Duration BASE = Duration.ofSeconds(1);
  private static final Duration MAXIMUM = Duration.ofMinutes(1);

  /** A container that ran this long has proven itself: its next failure counts as its first. */
  private static final Duration STABLE = Duration.ofMinutes(10);

  static final RestartBackOff NONE = new RestartBackOff(0);

  RestartBackOff afterRunOf(Duration ran) {
    return new RestartBackOff(ran.compareTo(STABLE) >= 0 ? 1 : restartsInARow + 1);
  }

  Duration delay() {
    if (restartsInARow <= 1) {
      return Duration.ZERO;
    }
    int doublings = Math.min(restartsInARow - 2, 10);
    Duration delay = BASE.multipliedBy(1L << doublings);
    return delay.compareTo(MAXIMUM) < 0 ? delay : MAXIMUM;
  }
}
