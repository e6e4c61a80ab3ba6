package dev.kvasir.e2e.operator;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** Waits for something that others bring about. */
final class Await {
  private static final Duration BOUND = Duration.ofSeconds(60);
  private static final Duration STEP = Duration.ofMillis(50);

  private Await() {}

  /** Fails with what {@code seen} says where it does not come in time. */
  static void until(String what, BooleanSupplier holds, Supplier<?> seen)
      throws InterruptedException {
    long end = System.nanoTime() + BOUND.toNanos();
    while (!holds.getAsBoolean()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within %s: %s; seen: %s".formatted(BOUND, what, seen.get()));
      }
      Thread.sleep(STEP);
    }
  }
}
