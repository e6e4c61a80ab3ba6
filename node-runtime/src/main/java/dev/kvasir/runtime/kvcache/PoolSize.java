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
    return held(window, tokens, blockSize) <= blocks;
  }

  /** Most blocks that a sequence of this many tokens holds, if it grows token by token. */
  public static long held(int window, long tokens, int blockSize) {
    long whole = Math.ceilDiv(tokens, (long) blockSize);
    return window == 0 ? whole : Math.min(whole, Math.ceilDiv(window - 1, blockSize) + 1L);
  }

  /**
   * Blocks with which a group never runs out, however many tokens a step takes and however they
   * fall: those of full attention, or what the windows see, a block more where each begins to grow,
   * and the blocks of one step's tokens. The blocks out of the windows are given back before a step
   * is planned.
   *
   * @param sequences that run at once, of at most {@code longest} tokens
   */
  public static long most(int window, int sequences, int longest, int stepTokens, int blockSize) {
    long full = (long) sequences * Math.ceilDiv(longest, blockSize);
    long seen = sequences * (held(window, longest, blockSize) + 1);
    return window == 0 ? full : Math.min(full, seen + Math.ceilDiv(stepTokens, blockSize));
  }
}
