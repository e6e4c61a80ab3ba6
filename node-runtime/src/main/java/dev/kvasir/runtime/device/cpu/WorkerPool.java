package dev.kvasir.runtime.device.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * A fixed set of threads that share out one loop at a time; the caller works too. Chunks are taken
 * one by one, so a thread that loses its core costs its chunk and not its share. Workers spin for a
 * moment after a loop, since the next one usually follows at once, then park.
 */
final class WorkerPool implements AutoCloseable {
  private static final int SPINS = 2_000;
  private static final int CHUNKS_PER_THREAD = 8;
  private static final int CLOSED = -1;
  private static final long PAUSE_NANOS = 20_000;

  /** A part of a loop, run by one thread. */
  interface Body {
    /**
     * Runs the items from {@code from} up to {@code to}.
     *
     * @param worker below {@link #threads()}, different for threads that run at the same time
     */
    void run(int worker, int from, int to);
  }

  private final Worker[] workers;
  private final AtomicInteger nextChunk = new AtomicInteger();

  /** Workers inside the current loop, or {@link #CLOSED} between loops. */
  private final AtomicInteger inside = new AtomicInteger(CLOSED);

  private final AtomicLong generation = new AtomicLong();
  private Body body;
  private int items;
  private int chunkSize;
  private volatile boolean closed;
  private volatile Throwable failure;

  WorkerPool(int threads) {
    workers = new Worker[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = new Worker(i + 1);
      workers[i].start();
    }
  }

  int threads() {
    return workers.length + 1;
  }

  /**
   * Runs the body over [0, items) and returns when all of it is done.
   *
   * @param grain fewest items that are worth handing to a thread; chunks are multiples of it
   */
  void forEach(int items, int grain, Body body) {
    if (items <= grain || workers.length == 0) {
      body.run(0, 0, items);
      return;
    }
    int fair = Math.ceilDiv(items, threads() * CHUNKS_PER_THREAD);
    this.chunkSize = Math.ceilDiv(fair, grain) * grain;
    this.items = items;
    this.body = body;
    nextChunk.set(0);
    inside.set(0);
    generation.incrementAndGet();
    for (Worker worker : workers) {
      if (worker.parked) {
        LockSupport.unpark(worker);
      }
    }
    work(0);
    closeLoop();
    this.body = null;
    rethrowFailure();
  }

  private void work(int worker) {
    try {
      runChunks(worker);
    } catch (RuntimeException | Error thrown) {
      failure = thrown;
    }
  }

  private void runChunks(int worker) {
    while (true) {
      long from = (long) nextChunk.getAndIncrement() * chunkSize;
      if (from >= items) {
        return;
      }
      body.run(worker, (int) from, (int) Math.min(items, from + chunkSize));
    }
  }

  /** Waits for the workers that joined; one that is still waking up is not waited for. */
  private void closeLoop() {
    for (int spins = 0; !inside.compareAndSet(0, CLOSED); spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        LockSupport.parkNanos(PAUSE_NANOS);
      }
    }
  }

  private boolean enter() {
    int now = inside.get();
    while (now != CLOSED && !inside.compareAndSet(now, now + 1)) {
      now = inside.get();
    }
    return now != CLOSED;
  }

  private void rethrowFailure() {
    Throwable thrown = failure;
    if (thrown != null) {
      failure = null;
      throw new IllegalStateException("a part of an operation failed: " + thrown, thrown);
    }
  }

  @Override
  public void close() {
    closed = true;
    for (Worker worker : workers) {
      LockSupport.unpark(worker);
    }
  }

  private final class Worker extends Thread {
    private final int index;
    private volatile boolean parked;

    Worker(int index) {
      super("kvasir-cpu-" + index);
      this.index = index;
      setDaemon(true);
    }

    @Override
    public void run() {
      long seen = 0;
      while (awaitWork(seen)) {
        seen = generation.get();
        if (enter()) {
          work(index);
          inside.decrementAndGet();
        }
      }
    }

    private boolean awaitWork(long seen) {
      for (int spins = 0; spins < SPINS; spins++) {
        if (generation.get() != seen) {
          return true;
        }
        Thread.onSpinWait();
      }
      while (!closed) {
        parked = true;
        if (generation.get() != seen) {
          parked = false;
          return true;
        }
        LockSupport.park(WorkerPool.this);
        parked = false;
      }
      return false;
    }
  }
}
