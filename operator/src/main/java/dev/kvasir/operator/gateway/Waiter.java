package dev.kvasir.operator.gateway;

/** A request that waits for a replica. */
interface Waiter {
  /** An estimate. */
  long promptTokens();

  /** Something has changed: look again. Called from any thread. */
  void wake();
}
