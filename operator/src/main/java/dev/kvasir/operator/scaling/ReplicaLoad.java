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
 * @param saturatedPromptRate prompt tokens a second since when, without a break, something has
 *     waited or the batch has been full; 0 where that was not long enough
 * @param saturatedOutputRate output tokens a second likewise
 */
public record ReplicaLoad(
    double running,
    double waiting,
    double waitingPromptTokens,
    double kvTokens,
    double kvCapacityTokens,
    double promptTokensPerSecond,
    double outputTokensPerSecond,
    double saturatedPromptRate,
    double saturatedOutputRate) {

  boolean isIdle() {
    return running == 0 && waiting == 0;
  }

  /** Tokens that a running request holds on average. */
  double meanContext() {
    return running == 0 ? 0 : kvTokens / running;
  }
}
