package dev.kvasir.e2e.load;

import dev.kvasir.e2e.simulation.Arrival;
import java.net.http.HttpClient;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** Sends each request when it is due, whatever became of those before: an open loop. */
public final class LoadRun {
  private final Target target;
  private final int maxInFlight;
  private final Ask ask;
  private final Tally tally = new Tally();

  /**
   * @param maxInFlight arrivals beyond it are counted and not sent
   */
  public LoadRun(Target target, int maxInFlight, long seed) {
    this.target = target;
    this.maxInFlight = maxInFlight;
    this.ask = new Ask(target, seed);
  }

  /** Returns when the last answer has ended, or has taken longer than a request may. */
  public LoadReport run(List<Arrival> arrivals) throws InterruptedException {
    long start = System.nanoTime();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        HttpClient http = client(threads);
        Watchdog watchdog = new Watchdog(target.limit())) {
      Semaphore room = new Semaphore(maxInFlight);
      for (int i = 0; i < arrivals.size(); i++) {
        Arrival arrival = arrivals.get(i);
        long due = start + Math.round(arrival.at() * 1e9);
        awaitTime(due);
        if (room.tryAcquire()) {
          var exchange =
              new Exchange(http, watchdog, target, ask.request(arrival, i), arrival, due, tally);
          threads.execute(() -> exchange.run(room::release));
        } else {
          tally.notSent();
        }
      }
      room.acquire(maxInFlight);
    }
    return tally.report(target, (System.nanoTime() - start) / 1e9);
  }

  /** What has been seen so far of a run that goes on. */
  public LoadReport report(double seconds) {
    return tally.report(target, seconds);
  }

  private HttpClient client(ExecutorService threads) {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(target.limit())
        .executor(threads)
        .build();
  }

  private static void awaitTime(long nanoTime) throws InterruptedException {
    for (long left = nanoTime - System.nanoTime(); left > 0; left = nanoTime - System.nanoTime()) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      LockSupport.parkNanos(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
    }
  }
}
