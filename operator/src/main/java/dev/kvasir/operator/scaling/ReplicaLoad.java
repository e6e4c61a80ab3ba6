package dev.kvasir.operator.scaling;

/**
 * What one replica says of its load.
 *
 * @param running requests in its batch
 * @param waiting requests in its queue
 * @param waitingPromptTokens prompt tokens in its queue that are not computed yet
 * @param kvTokens tokens that running requests hold in the KV cache
 * @param kvCapacityTokens tokens that the KV cache holds; 0 where the engine does not say
 * @param promptTokensPerSecond computed ones, prefix hits not counted
 * @param outputTokensPerSecond sampled ones
 * @param full whether no further request would run at once
 */
public record ReplicaLoad(
    double running,
    double waiting,
    double waitingPromptTokens,
    double kvTokens,
    double kvCapacityTokens,
    double promptTokensPerSecond,
    double outputTokensPerSecond,
    boolean full) {

  /** Whether its rates show what it can do; below that they only show what is asked of it. */
  boolean isSaturated() {
    return waiting > 0 || full;
  }

  boolean isIdle() {
    return running == 0 && waiting == 0;
  }

  /** Tokens that a running request holds on average. */
  double meanContext() {
    return running == 0 ? 0 : kvTokens / running;
  }
}
