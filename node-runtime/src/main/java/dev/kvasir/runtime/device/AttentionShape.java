package dev.kvasir.runtime.device;

/**
 * Heads of an attention.
 *
 * @param scale that scores are multiplied with
 */
public record AttentionShape(int heads, int kvHeads, int headDim, float scale) {
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
}
