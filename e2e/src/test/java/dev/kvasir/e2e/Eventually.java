package dev.kvasir.e2e;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/** Waits for what must become true, with a bound. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(50);

  private Eventually() {}

  /** Runs the assertions until they hold; at the end their last failure is the test's. */
  public static void check(Runnable assertions) {
    check(LIMIT, assertions);
  }

  public static void check(Duration limit, Runnable assertions) {
    long deadline = System.nanoTime() + limit.toNanos();
    while (true) {
      try {
        assertions.run();
        return;
      } catch (AssertionError | RuntimeException e) {
        if (System.nanoTime() > deadline) {
          throw e;
        }
      }
      pause();
    }
  }

  public static <T> T get(Supplier<Optional<T>> supplier) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (true) {
      Optional<T> value = supplier.get();
      if (value.isPresent()) {
        return value.get();
      }
      if (System.nanoTime() > deadline) {
        throw new AssertionError("did not happen within " + LIMIT.toSeconds() + " s");
      }
      pause();
    }
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
