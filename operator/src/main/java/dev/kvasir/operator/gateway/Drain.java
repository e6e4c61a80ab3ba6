package dev.kvasir.operator.gateway;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;

/** Who may still come in: nobody new once a drain has lasted for its delay. */
final class Drain {
  private static final long NOT = Long.MIN_VALUE;

  private final AtomicLong since = new AtomicLong(NOT);
  private final Duration delay;

  Drain(Duration delay) {
    this.delay = delay;
  }

  void begin() {
    since.compareAndSet(NOT, System.nanoTime());
  }

  boolean isDraining() {
    return since.get() != NOT;
  }

  boolean isRefusing() {
    return isDraining() && System.nanoTime() - since.get() >= delay.toNanos();
  }
}
