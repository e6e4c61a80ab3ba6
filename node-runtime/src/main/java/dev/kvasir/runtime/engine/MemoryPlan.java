package dev.kvasir.runtime.engine;

/**
 * The arithmetic of memory that start-up logs and {@code inspect} prints.
 *
 * @param kvBytesPerToken over all layers, keys and values
 * @param kvBlocks blocks of {@code blockSize} tokens that requests can use
 * @param workspaceBytes activations and logits of the largest step
 */
public record MemoryPlan(
    long weightBytes,
    String kvType,
    long kvBytesPerToken,
    int blockSize,
    int kvBlocks,
    long kvBytes,
    long workspaceBytes,
    int maxModelLen) {

  public long kvTokens() {
    return (long) kvBlocks * blockSize;
  }

  /** Requests of the full length that fit at once. */
  public double fullLengthRequests() {
    return (double) kvTokens() / maxModelLen;
  }

  /** One line for the log. */
  public String inWords() {
    return "memory: weights %.0f MB, workspace %.0f MB, KV cache %.0f MB = %d blocks of %d tokens in %s (%d bytes a token); maximum length %d, of which %.1f fit at once"
        .formatted(
            weightBytes / 1e6,
            workspaceBytes / 1e6,
            kvBytes / 1e6,
            kvBlocks,
            blockSize,
            kvType,
            kvBytesPerToken,
            maxModelLen,
            fullLengthRequests());
  }
}
