package dev.kvasir.runtime.http;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Who may still come in, and who is inside. A drain lets requests in for a delay, because stale
 * endpoints send some; after that it refuses them, and is done when the last one has left.
 */
public final class Admission {
  private final Clock clock;
  private final Duration delay;
  private Instant drainingSince;
  private int inside;
  private boolean cutting;

  public Admission(Clock clock, Duration delay) {
    this.clock = clock;
    this.delay = delay;
  }

  /** Each request that gets in must {@link #leave}. */
  synchronized void enter() throws ApiException {
    if (isRefusing()) {
      throw ApiException.unavailable(
          "draining", "this replica is draining and takes no more requests: try another one");
    }
    inside++;
  }

  synchronized void leave() {
    inside--;
    notifyAll();
  }

  /** Begins to drain; does nothing where it has begun. */
  public synchronized void drain() {
    if (drainingSince == null) {
      drainingSince = clock.instant();
    }
  }

  public synchronized void undoDrain() {
    drainingSince = null;
  }

  public synchronized boolean isDraining() {
    return drainingSince != null;
  }

  private boolean isRefusing() {
    return drainingSince != null && !clock.instant().isBefore(drainingSince.plus(delay));
  }

  public synchronized boolean isDrained() {
    return isRefusing() && inside == 0;
  }

  /** Requests that are inside, streams and others. */
  public synchronized int inside() {
    return inside;
  }

  /**
   * Waits until the drain is done.
   *
   * @param timeout from the drain's beginning, which may be long ago
   * @return the requests that are left at the deadline
   */
  public synchronized int awaitDrained(Duration timeout) throws InterruptedException {
    Instant begun = drainingSince == null ? clock.instant() : drainingSince;
    Instant deadline = begun.plus(timeout);
    while (!isDrained() && clock.instant().isBefore(deadline)) {
      wait(50);
    }
    return inside;
  }

  /** Waits until nobody is inside; returns those that still are at the deadline. */
  public synchronized int awaitEmpty(Duration timeout) throws InterruptedException {
    Instant deadline = clock.instant().plus(timeout);
    while (inside > 0 && clock.instant().isBefore(deadline)) {
      wait(50);
    }
    return inside;
  }

  /** From now on requests that end unfinished were cut by us, not left by their clients. */
  public synchronized void cut() {
    cutting = true;
  }

  synchronized boolean isCutting() {
    return cutting;
  }
}
