package dev.kvasir.runtime.engine;

/**
 * The bounds an engine was started with.
 *
 * @param maxModelLen most tokens of prompt and output together
 * @param maxNumSeqs most sequences that run at once
 * @param maxNumBatchedTokens token budget of a step
 * @param maxWaiting most requests that wait
 * @param blockSize tokens in a KV block
 * @param numBlocks KV blocks that requests can use
 */
public record EngineLimits(
    int vocabularySize,
    int maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    int maxWaiting,
    int blockSize,
    int numBlocks) {
  /** So many prompt tokens can be scored in a step even where few sequences run. */
  private static final int LEAST_SAMPLED_ROWS = 16;

  /** Rows of logits that a step has room for. */
  public int sampledRows() {
    return sampledRows(maxNumSeqs, maxNumBatchedTokens);
  }

  static int sampledRows(int maxNumSeqs, int maxNumBatchedTokens) {
    return Math.min(Math.max(maxNumSeqs, LEAST_SAMPLED_ROWS), maxNumBatchedTokens);
  }
}
