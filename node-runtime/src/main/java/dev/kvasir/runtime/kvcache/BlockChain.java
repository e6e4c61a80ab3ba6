package dev.kvasir.runtime.kvcache;

import java.util.Arrays;

/** The hashes of one sequence's full blocks, each over all tokens before it too. */
public final class BlockChain {
  private final BlockHasher hasher;
  private final int blockSize;
  private BlockHash last;
  private BlockHash[] hashes = new BlockHash[8];
  private int size;

  /**
   * @param hasher null where nothing is cached: the chain then stays empty
   */
  BlockChain(BlockHasher hasher, int blockSize, CacheSalt salt) {
    this.hasher = hasher;
    this.blockSize = blockSize;
    this.last = hasher == null ? null : hasher.root(salt);
  }

  /** Hashes what is new of the first {@code length} tokens, as far as they fill blocks. */
  public void extend(int[] tokens, int length) {
    int blocks = hasher == null ? 0 : length / blockSize;
    for (; size < blocks; size++) {
      if (size == hashes.length) {
        hashes = Arrays.copyOf(hashes, size * 2);
      }
      last = hasher.next(last, tokens, size * blockSize, blockSize);
      hashes[size] = last;
    }
  }

  int size() {
    return size;
  }

  BlockHash hash(int block) {
    return hashes[block];
  }
}
