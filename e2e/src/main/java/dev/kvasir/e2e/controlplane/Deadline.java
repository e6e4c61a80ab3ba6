package dev.kvasir.e2e.controlplane;

import java.time.Duration;
import java.util.function.BooleanSupplier;

/** Until when something may take. */
record Deadline(Duration timeout, long endNanos) {
  private static final Duration POLL = Duration.ofMillis(50);

  static Deadline after(Duration timeout) {
    return new Deadline(timeout, System.nanoTime() + timeout.toNanos());
  }

  /** Waits for a condition, as long as the process that has to bring it about lives. */
  void await(String otherwise, ServerProcess process, BooleanSupplier condition)
      throws ControlPlaneException, InterruptedException {
    while (!condition.getAsBoolean()) {
      process.requireAlive();
      if (System.nanoTime() > endNanos) {
        throw new ControlPlaneException(
            otherwise
                + " after "
                + timeout.toSeconds()
                + " s; the last lines of its log: "
                + process.lastLines());
      }
      Thread.sleep(POLL);
    }
  }
}
