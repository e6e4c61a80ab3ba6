package dev.kvasir.runtime.device;

/**
 * Heads of an attention, and what it does to scores.
 *
 * @param scale that scores are multiplied with
 * @param softcap scores become {@code softcap * tanh(score / softcap)}; 0 leaves them alone
 * @param window positions that one sees, itself included; 0: all before it
 */
public record AttentionShape(
    int heads, int kvHeads, int headDim, float scale, float softcap, int window) {

  /** All positions are seen and scores are not capped. */
  public AttentionShape(int heads, int kvHeads, int headDim, float scale) {
    this(heads, kvHeads, headDim, scale, 0, 0);
  }

  public int queryWidth() {
    return heads * headDim;
  }

  public int kvWidth() {
    return kvHeads * headDim;
  }

  /** Width of a row that holds query, key and value. */
  public int qkvWidth() {
    return queryWidth() + 2 * kvWidth();
  }

  public int headsPerKvHead() {
    return heads / kvHeads;
  }

  /** The first position that the last of {@code length} positions sees. */
  public int firstSeen(int length) {
    return window == 0 ? 0 : Math.max(0, length - window);
  }
}
