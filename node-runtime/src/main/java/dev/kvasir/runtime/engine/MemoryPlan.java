package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.kvcache.PoolSize;
import java.util.List;

/**
 * The arithmetic of memory that start-up logs and {@code inspect} prints.
 *
 * @param kvType of keys and values
 * @param groups a pool for the layers of each attention window
 * @param workspaceBytes activations, logits and scratch memory of the largest step
 * @param usableBytes that weights, KV cache and workspace may take on the device
 * @param deviceMemory in words: where that figure is from
 */
public record MemoryPlan(
    long weightBytes,
    String kvType,
    int blockSize,
    List<Group> groups,
    long workspaceBytes,
    int maxModelLen,
    long usableBytes,
    String deviceMemory) {

  /**
   * One KV group.
   *
   * @param window positions that a row sees; 0 is all
   * @param blocks that requests can use; one more is reserved
   * @param blockBytes over the group's layers
   */
  public record Group(int window, int layers, int blocks, long blockBytes) {
    public long bytes() {
      return (blocks + 1L) * blockBytes;
    }

    String inWords(int blockSize) {
      return "%d blocks of %d tokens for %d layers with %s (%d bytes a token, %.0f MB)"
          .formatted(
              blocks,
              blockSize,
              layers,
              window == 0 ? "full attention" : "a window of " + window,
              blockBytes / blockSize,
              bytes() / 1e6);
    }
  }

  public MemoryPlan {
    groups = List.copyOf(groups);
  }

  /** Blocks of the first group, which keeps most of a sequence. */
  public int kvBlocks() {
    return groups.getFirst().blocks();
  }

  public long kvBytes() {
    return groups.stream().mapToLong(Group::bytes).sum();
  }

  /** Over all layers, keys and values. */
  public long kvBytesPerToken() {
    return groups.stream().mapToLong(Group::blockBytes).sum() / blockSize;
  }

  public long kvTokens() {
    return (long) kvBlocks() * blockSize;
  }

  /** Requests of the full length that fit at once. */
  public double fullLengthRequests() {
    return groups.stream()
        .mapToDouble(group -> group.blocks() / (double) blocksOfOne(group))
        .min()
        .orElseThrow();
  }

  private long blocksOfOne(Group group) {
    return PoolSize.held(group.window(), maxModelLen, blockSize);
  }

  public long totalBytes() {
    return weightBytes + workspaceBytes + kvBytes();
  }

  public boolean fits() {
    return totalBytes() <= usableBytes;
  }

  /** One line for the log. */
  public String inWords() {
    return "memory: weights %.0f MB, workspace %.0f MB, KV cache %.0f MB in %s: %s; together %.0f of %.0f MB; maximum length %d, of which %.1f fit at once"
        .formatted(
            weightBytes / 1e6,
            workspaceBytes / 1e6,
            kvBytes() / 1e6,
            kvType,
            String.join(", ", groups.stream().map(g -> g.inWords(blockSize)).toList()),
            totalBytes() / 1e6,
            usableBytes / 1e6,
            maxModelLen,
            fullLengthRequests());
  }
}
