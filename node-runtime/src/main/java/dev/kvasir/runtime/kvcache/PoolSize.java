package dev.kvasir.runtime.kvcache;

/**
 * One KV group: the layers that share an attention window, and how many blocks they have.
 *
 * @param window positions that a row sees, its own included; 0 is all
 * @param blocks that requests can use
 */
public record PoolSize(int window, int blocks) {
  public PoolSize {
    if (window < 0 || blocks < 1) {
      throw new IllegalArgumentException(
          "a KV group needs a window of at least 0 and at least one block, got %d and %d"
              .formatted(window, blocks));
    }
  }

  /** Whether a sequence of this many tokens could be computed if it were alone. */
  public boolean holds(long tokens, int blockSize) {
    long whole = Math.ceilDiv(tokens, (long) blockSize);
    return Math.min(whole, window == 0 ? whole : touched(window, blockSize)) <= blocks;
  }

  /** Most blocks that so many positions in a row can lie in. */
  public static long touched(long positions, int blockSize) {
    return Math.ceilDiv(positions - 1, (long) blockSize) + 1;
  }
}
