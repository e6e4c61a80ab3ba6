package dev.kvasir.operator.telemetry;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Those who want to hear of each round of one deployment. They are few, and must not block. */
public final class Recordings {
  public static final int MOST = 8;

  private final Map<Consumer<RecordedRound>, DeploymentKey> listeners = new ConcurrentHashMap<>();
  private final Semaphore places = new Semaphore(MOST);

  /** Whether there was a place left. */
  public boolean add(DeploymentKey key, Consumer<RecordedRound> listener) {
    if (!places.tryAcquire()) {
      return false;
    }
    listeners.put(listener, key);
    return true;
  }

  /** Once or more often. */
  public void remove(Consumer<RecordedRound> listener) {
    if (listeners.remove(listener) != null) {
      places.release();
    }
  }

  void tell(DeploymentKey key, Supplier<RecordedRound> round) {
    if (!listeners.containsValue(key)) {
      return;
    }
    RecordedRound seen = round.get();
    listeners.forEach((listener, wanted) -> {
      if (wanted.equals(key)) {
        listener.accept(seen);
      }
    });
  }
}
