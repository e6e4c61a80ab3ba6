package dev.kvasir.e2e.apiserver.store;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** One reader of a collection's events. One that falls too far behind is cut off. */
public final class Watcher implements AutoCloseable {
  /** The most events that may wait for a slow reader. */
  private static final int MAX_WAITING = 10_000;

  private final String collection;
  private final ObjectStore store;
  private final BlockingQueue<StoreEvent> events = new LinkedBlockingQueue<>(MAX_WAITING);
  private volatile boolean cutOff;

  Watcher(String collection, ObjectStore store) {
    this.collection = collection;
    this.store = store;
  }

  /** The next event, or nothing where none came in time. */
  public Optional<StoreEvent> next(Duration timeout) throws InterruptedException {
    return Optional.ofNullable(events.poll(timeout.toNanos(), TimeUnit.NANOSECONDS));
  }

  /** Whether events were lost or the server stops: the reader must begin again. */
  public boolean cutOff() {
    return cutOff && events.isEmpty();
  }

  void offer(StoreEvent event) {
    if (!cutOff && event.collection().equals(collection) && !events.offer(event)) {
      cut();
    }
  }

  void cut() {
    cutOff = true;
  }

  @Override
  public void close() {
    store.forget(this);
  }
}
