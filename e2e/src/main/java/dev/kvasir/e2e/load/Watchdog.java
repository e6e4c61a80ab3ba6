package dev.kvasir.e2e.load;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Ends answers that take too long: the JDK's client watches them until their head only. */
final class Watchdog implements AutoCloseable {
  private final ScheduledExecutorService timer;
  private final Duration limit;

  Watchdog(Duration limit) {
    this.limit = limit;
    ScheduledThreadPoolExecutor executor = new ScheduledThreadPoolExecutor(1);
    executor.setRemoveOnCancelPolicy(true);
    this.timer = executor;
  }

  /** Guards an answer until it is closed. */
  Watch watch(Closeable answer) {
    AtomicBoolean bitten = new AtomicBoolean();
    Future<?> bite =
        timer.schedule(
            () -> {
              bitten.set(true);
              end(answer);
            },
            limit.toMillis(),
            TimeUnit.MILLISECONDS);
    return new Watch(bite, bitten);
  }

  private static void end(Closeable answer) {
    try {
      answer.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Whether the answer was ended. */
  record Watch(Future<?> bite, AtomicBoolean bitten) implements AutoCloseable {
    boolean hasBitten() {
      return bitten.get();
    }

    @Override
    public void close() {
      bite.cancel(false);
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
  }
}
