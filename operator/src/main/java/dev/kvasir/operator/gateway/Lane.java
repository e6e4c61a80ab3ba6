package dev.kvasir.operator.gateway;

/** What the gateway knows of a replica from using it. Guarded by the lock of its {@link Pool}. */
final class Lane {
  private final Endpoint endpoint;
  private int inFlight;
  private long lastPicked;
  private boolean ready = true;
  private long shunnedUntil = Long.MIN_VALUE;

  Lane(Endpoint endpoint) {
    this.endpoint = endpoint;
  }

  Endpoint endpoint() {
    return endpoint;
  }

  int inFlight() {
    return inFlight;
  }

  long lastPicked() {
    return lastPicked;
  }

  boolean isReady() {
    return ready;
  }

  void setReady(boolean ready) {
    this.ready = ready;
  }

  void pick(long turn) {
    inFlight++;
    lastPicked = turn;
  }

  void release() {
    inFlight--;
  }

  void shunUntil(long nanoTime) {
    shunnedUntil = nanoTime;
  }

  boolean isShunned(long nanoTime) {
    return shunnedUntil != Long.MIN_VALUE && nanoTime - shunnedUntil < 0;
  }
}
