package dev.kvasir.e2e.controllers;

import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.SequencedSet;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Keys to look at, each once however often it was asked for; a key whose handling failed comes back
 * later and later.
 */
final class WorkQueue<K> implements AutoCloseable {
  /** Handles a key; what it throws is logged and the key tried again. */
  interface Handler<K> {
    void handle(K key);
  }

  private static final System.Logger LOG = System.getLogger(WorkQueue.class.getName());
  private static final long FIRST_RETRY_MILLIS = 50;
  private static final int MAX_DOUBLINGS = 9;

  private final String name;
  private final Handler<K> handler;
  private final SequencedSet<K> waiting = new LinkedHashSet<>();
  private final Map<K, Integer> failures = new HashMap<>();
  private final Thread worker;
  private final ScheduledExecutorService timer;

  WorkQueue(String name, Handler<K> handler) {
    this.name = name;
    this.handler = handler;
    this.timer =
        Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name(name + "-timer").factory());
    this.worker = Thread.ofVirtual().name(name).unstarted(this::work);
  }

  void start() {
    worker.start();
  }

  synchronized void add(K key) {
    waiting.add(key);
    notifyAll();
  }

  void addAfter(K key, Duration delay) {
    if (!timer.isShutdown()) {
      var _ = timer.schedule(() -> add(key), Math.max(1, delay.toMillis()), TimeUnit.MILLISECONDS);
    }
  }

  private void work() {
    try {
      while (true) {
        handle(take());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized K take() throws InterruptedException {
    while (waiting.isEmpty()) {
      wait();
    }
    return waiting.removeFirst();
  }

  private void handle(K key) {
    try {
      handler.handle(key);
      failures.remove(key);
    } catch (RuntimeException e) {
      if (worker.isInterrupted() || timer.isShutdown()) {
        return;
      }
      int count = failures.merge(key, 1, Integer::sum);
      var level = count > 3 ? System.Logger.Level.WARNING : System.Logger.Level.DEBUG;
      LOG.log(level, name + " " + key + " (attempt " + count + "): " + e.getMessage());
      addAfter(key, Duration.ofMillis(FIRST_RETRY_MILLIS << Math.min(count - 1, MAX_DOUBLINGS)));
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    worker.interrupt();
  }
}
