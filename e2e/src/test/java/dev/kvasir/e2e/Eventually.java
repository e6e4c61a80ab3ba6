package dev.kvasir.e2e;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Waits for what others bring about in their own time, with a bound. */
public final class Eventually {
  private static final Duration LIMIT = Duration.ofSeconds(60);
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

  public static void holds(String what, BooleanSupplier condition) {
    holds(what, condition, () -> false);
  }

  /** Fails with what {@code seen} says where it does not come in time. */
  public static void holds(String what, BooleanSupplier condition, Supplier<?> seen) {
    long deadline = System.nanoTime() + LIMIT.toNanos();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError(
            "not in %d s: %s; last seen: %s".formatted(LIMIT.toSeconds(), what, seen.get()));
      }
      pause();
    }
  }

  /** The first value that there is. */
  public static <T> T get(Supplier<Optional<T>> value) {
    return get("a value", value, Optional::isPresent).orElseThrow();
  }

  /** The first value that fits. */
  public static <T> T get(String what, Supplier<T> value, Predicate<T> fits) {
    AtomicReference<T> latest = new AtomicReference<>();
    holds(
        what,
        () -> {
          latest.set(value.get());
          return fits.test(latest.get());
        },
        latest::get);
    return latest.get();
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
