package dev.kvasir.runtime.device;

/**
 * The shape of a KV cache.
 *
 * @param groups the KV group of each layer
 * @param blocks the reserved padding block included
 */
public record KvLayout(int[] groups, int kvHeads, int headDim, int blockSize, int blocks) {
  public int layers() {
    return groups.length;
  }
}
