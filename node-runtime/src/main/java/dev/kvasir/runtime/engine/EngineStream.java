package dev.kvasir.runtime.engine;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** A bounded buffer of events between the engine's thread and one reader. */
final class EngineStream implements GenerationStream {
  /** Events a reader may fall behind before it counts as stalled. */
  static final int CAPACITY = 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition arrived = lock.newCondition();
  private final Deque<GenerationEvent> events = new ArrayDeque<>();
  private Runnable onCancel = () -> {};
  private boolean finished;
  private volatile int cachedPromptTokens;

  /** Set once, before the reader has the stream. */
  void onCancel(Runnable action) {
    onCancel = action;
  }

  /** Known before the first token is. */
  void setCachedPromptTokens(int tokens) {
    cachedPromptTokens = tokens;
  }

  /** False where the buffer is full: the reader has stalled. */
  boolean offer(GenerationEvent event) {
    lock.lock();
    try {
      if (events.size() >= CAPACITY) {
        return false;
      }
      events.addLast(event);
      arrived.signal();
      return true;
    } finally {
      lock.unlock();
    }
  }

  /** The last event; always has room. */
  void finish(FinishReason reason, String message) {
    lock.lock();
    try {
      if (!finished) {
        finished = true;
        events.addLast(new GenerationEvent.Finished(reason, message));
        arrived.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  @Override
  public GenerationEvent next(Duration timeout) throws InterruptedException {
    long left = timeout.toNanos();
    lock.lockInterruptibly();
    try {
      while (events.isEmpty() && left > 0) {
        left = arrived.awaitNanos(left);
      }
      return events.pollFirst();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void cancel() {
    onCancel.run();
  }

  @Override
  public int cachedPromptTokens() {
    return cachedPromptTokens;
  }
}
