package dev.kvasir.runtime.http;

import java.io.IOException;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Runs what takes long on a few threads of its own. There are as many carriers of virtual threads
 * as cores and none is taken away from its thread, so that a long prompt's tokenizing or a
 * grammar's compiling would hold up every other request, probes included.
 */
final class LongWork implements AutoCloseable {
  private static final int THREADS = Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
  private static final int MOST_WAITING = 1024;

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          10,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().daemon().name("long-work-", 0).factory());

  /** Something to be worked out. */
  interface Work<T> {
    T result() throws ApiException, IOException;
  }

  LongWork() {
    threads.allowCoreThreadTimeOut(true);
  }

  /** Waits for the result. */
  <T> T run(Work<T> work) throws ApiException, IOException, InterruptedException {
    Future<T> result = submit(work);
    try {
      return result.get();
    } catch (InterruptedException e) {
      result.cancel(true);
      throw e;
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case ApiException refused -> throw refused;
        case IOException io -> throw io;
        case RuntimeException bug -> throw bug;
        default -> throw new IllegalStateException(e.getCause());
      }
    }
  }

  private <T> Future<T> submit(Work<T> work) throws ApiException {
    try {
      return threads.submit(work::result);
    } catch (RejectedExecutionException e) {
      throw ApiException.tooManyRequests(
          "more than " + MOST_WAITING + " requests that take long to read wait: try again later");
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
