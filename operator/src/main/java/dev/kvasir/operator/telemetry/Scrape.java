package dev.kvasir.operator.telemetry;

import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongConsumer;

/**
 * Reads many pages at once, each by a virtual thread, no more than so many at a time, and all
 * within a bound: a page that comes later is missing, and nobody waits for it.
 */
final class Scrape {
  private static final int AT_A_TIME = 512;

  private final Pages pages;
  private final Duration longest;
  private final LongConsumer nanos;

  /**
   * @param longest for all pages together
   * @param nanos hears how long each page took that could be read
   */
  Scrape(Pages pages, Duration longest, LongConsumer nanos) {
    this.pages = pages;
    this.longest = longest;
    this.nanos = nanos;
  }

  /** A page that was read, or why it was not. */
  record Result<T>(T value, String error) {}

  <T> Map<URI, Result<T>> read(Collection<URI> addresses, Function<String, T> meaning)
      throws InterruptedException {
    Semaphore slots = new Semaphore(AT_A_TIME);
    List<URI> order = List.copyOf(addresses);
    List<Callable<T>> tasks = new ArrayList<>();
    order.forEach(address -> tasks.add(() -> meaning.apply(page(address, slots))));
    Map<URI, Result<T>> results = new HashMap<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<T>> done = threads.invokeAll(tasks, longest.toMillis(), TimeUnit.MILLISECONDS);
      for (int i = 0; i < order.size(); i++) {
        results.put(order.get(i), result(done.get(i)));
      }
    }
    return results;
  }

  private String page(URI address, Semaphore slots) throws IOException, InterruptedException {
    slots.acquire();
    long start = System.nanoTime();
    try {
      String page = pages.read(address);
      nanos.accept(System.nanoTime() - start);
      return page;
    } finally {
      slots.release();
    }
  }

  private <T> Result<T> result(Future<T> future) throws InterruptedException {
    try {
      return new Result<>(future.get(), null);
    } catch (ExecutionException e) {
      return new Result<>(null, e.getCause().getMessage());
    } catch (CancellationException e) {
      return new Result<>(null, "not read within the round's " + longest.toMillis() + " ms");
    }
  }
}
