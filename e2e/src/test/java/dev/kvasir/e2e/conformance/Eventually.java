package dev.kvasir.e2e.conformance;

import static org.junit.jupiter.api.Assertions.fail;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what controllers bring about in their own time. */
final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(50);

  private Eventually() {}

  static void holds(String what, BooleanSupplier condition) {
    get(what, () -> "", ignored -> condition.getAsBoolean());
  }

  /** The first value that fits. */
  static <T> T get(String what, Supplier<T> value, Predicate<T> fits) {
    long end = System.nanoTime() + LIMIT.toNanos();
    T latest = value.get();
    while (!fits.test(latest)) {
      if (System.nanoTime() > end) {
        return fail("not in " + LIMIT.toSeconds() + " s: " + what + "; last seen: " + latest);
      }
      pause();
      latest = value.get();
    }
    return latest;
  }

  private static void pause() {
    try {
      Thread.sleep(POLL);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}
