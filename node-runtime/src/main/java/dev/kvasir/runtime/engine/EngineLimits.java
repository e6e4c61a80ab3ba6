package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.kvcache.PoolSize;
import java.util.List;

/**
 * The bounds an engine was started with.
 *
 * @param maxModelLen most tokens of prompt and output together
 * @param maxNumSeqs most sequences that run at once
 * @param maxNumBatchedTokens token budget of a step
 * @param maxWaiting most requests that wait
 * @param blockSize tokens in a KV block
 * @param pools the KV groups: the one that keeps most of a sequence first
 * @param prefixCaching whether KV blocks of equal beginnings are used again
 */
public record EngineLimits(
    int vocabularySize,
    int maxModelLen,
    int maxNumSeqs,
    int maxNumBatchedTokens,
    int maxWaiting,
    int blockSize,
    List<PoolSize> pools,
    boolean prefixCaching) {
  /** So many prompt tokens can be scored in a step even where few sequences run. */
  private static final int LEAST_SAMPLED_ROWS = 16;

  /** One KV group of full attention, prefixes cached. */
  public EngineLimits(
      int vocabularySize,
      int maxModelLen,
      int maxNumSeqs,
      int maxNumBatchedTokens,
      int maxWaiting,
      int blockSize,
      int numBlocks) {
    this(
        vocabularySize,
        maxModelLen,
        maxNumSeqs,
        maxNumBatchedTokens,
        maxWaiting,
        blockSize,
        List.of(new PoolSize(0, numBlocks)),
        true);
  }

  /** Blocks of the first KV group that requests can use. */
  public int numBlocks() {
    return pools.getFirst().blocks();
  }

  /** Rows of logits that a step has room for. */
  public int sampledRows() {
    return sampledRows(maxNumSeqs, maxNumBatchedTokens);
  }

  static int sampledRows(int maxNumSeqs, int maxNumBatchedTokens) {
    return Math.min(Math.max(maxNumSeqs, LEAST_SAMPLED_ROWS), maxNumBatchedTokens);
  }
}
