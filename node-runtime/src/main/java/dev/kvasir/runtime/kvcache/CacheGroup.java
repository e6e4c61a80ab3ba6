package dev.kvasir.runtime.kvcache;

/** The arithmetic of one KV group: which blocks a window needs, and what is cached of a chain. */
final class CacheGroup {
  private final BlockPool pool;
  private final int window;
  private final int blockSize;

  CacheGroup(PoolSize size, int blockSize) {
    this.pool = new BlockPool(size.blocks());
    this.window = size.window();
    this.blockSize = blockSize;
  }

  BlockPool pool() {
    return pool;
  }

  /** The first block that the row at this position, or a later one, looks into. */
  private int firstVisible(int position) {
    return window == 0 ? 0 : Math.max(0, position - window + 1) / blockSize;
  }

  /** The longest beginning of at most so many blocks after which a sequence could go on. */
  int longestHit(BlockChain chain, int most) {
    return window == 0 ? hitFromStart(chain, most) : hitOfWindow(chain, most);
  }

  private int hitFromStart(BlockChain chain, int most) {
    int blocks = 0;
    while (blocks < most && isCached(chain, blocks)) {
      blocks++;
    }
    return blocks;
  }

  /** Only what the next row sees must be there. */
  private int hitOfWindow(BlockChain chain, int most) {
    int end = most;
    // All blocks from `first` to `end` are cached.
    for (int first = most; first > 0 && first > firstVisible(end * blockSize); first--) {
      if (!isCached(chain, first - 1)) {
        end = first - 1;
      }
    }
    return end;
  }

  private boolean isCached(BlockChain chain, int block) {
    return pool.find(chain.hash(block)) != BlockPool.NONE;
  }

  /**
   * Whether a sequence of {@code length} tokens, the first {@code hit} blocks of which are cached,
   * has room and leaves {@code spare} blocks. With full attention all its known tokens must fit: a
   * prompt that is half in must not find the pool taken. With a window as much as it sees must.
   */
  boolean admits(BlockChain chain, int hit, int length, int spare) {
    int first = firstVisible(hit * blockSize);
    long target = window == 0 ? length : Math.min(length, (long) hit * blockSize + window);
    long needed = Math.min(Math.ceilDiv(target, blockSize) - first, pool.usable());
    for (int block = first; block < hit; block++) {
      needed -= pool.references(pool.find(chain.hash(block))) > 0 ? 1 : 0;
    }
    return needed + spare <= pool.free();
  }

  /** Begins an admitted sequence's table with the cached blocks. */
  void take(BlockTable table, BlockChain chain, int hit, int length) {
    table.skipTo(firstVisible(hit * blockSize));
    for (int block = table.first(); block < hit; block++) {
      int id = pool.find(chain.hash(block));
      pool.retain(id);
      table.append(id);
    }
    if (window == 0) {
      grow(table, length);
    }
  }

  /** How many tokens the table could come to with the free blocks, less some that are spared. */
  long reachable(BlockTable table, int spare) {
    return (table.size() + Math.max(0L, pool.free() - spare)) * blockSize;
  }

  /** Makes room for {@code tokens} in all; there is enough. */
  void grow(BlockTable table, int tokens) {
    for (int missing = Math.ceilDiv(tokens, blockSize) - table.size(); missing > 0; missing--) {
      int block = pool.allocate();
      if (block == BlockPool.NONE) {
        throw new KvIntegrityException(
            "a sequence grew to %d tokens without room".formatted(tokens));
      }
      table.append(block);
    }
  }

  /** Gives back the blocks that no row from this position on sees. */
  void trim(BlockTable table, int position) {
    int first = Math.min(firstVisible(position), table.size());
    releaseBackwards(table, table.first(), first);
    table.dropBefore(first);
  }

  void release(BlockTable table) {
    releaseBackwards(table, table.first(), table.size());
    table.clear();
  }

  /** The end of a chain goes first, so that what is left of it stays of use. */
  private void releaseBackwards(BlockTable table, int from, int to) {
    for (int i = to - 1; i >= from; i--) {
      pool.release(table.block(i));
    }
  }

  void publish(BlockTable table, BlockChain chain, int block) {
    if (block >= table.first()) {
      pool.publish(table.block(block), chain.hash(block));
    }
  }

  void withdraw(BlockTable table) {
    for (int i = table.first(); i < table.size(); i++) {
      pool.withdraw(table.block(i));
    }
  }
}
