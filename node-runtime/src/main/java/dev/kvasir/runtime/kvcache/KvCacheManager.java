package dev.kvasir.runtime.kvcache;

import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * Owns the block tables of all sequences of one KV group (layers with the same attention window).
 * One thread uses it: the engine's.
 */
public final class KvCacheManager {
  private final BlockPool pool;
  private final int blockSize;
  private final Set<BlockTable> tables = new LinkedHashSet<>();

  public KvCacheManager(int usableBlocks, int blockSize) {
    this.pool = new BlockPool(usableBlocks);
    this.blockSize = blockSize;
  }

  public int blockSize() {
    return blockSize;
  }

  public int usableBlocks() {
    return pool.usable();
  }

  public int freeBlocks() {
    return pool.free();
  }

  public int usedBlocks() {
    return pool.used();
  }

  public int blocksFor(int tokens) {
    return Math.ceilDiv(tokens, blockSize);
  }

  /** An empty table; {@link #release} gives it back. */
  public BlockTable open() {
    BlockTable table = new BlockTable();
    tables.add(table);
    return table;
  }

  /**
   * Makes room for {@code tokens} in all.
   *
   * @return false where the pool has too few free blocks; then nothing has changed
   */
  public boolean grow(BlockTable table, int tokens) {
    int missing = blocksFor(tokens) - table.size();
    if (missing > pool.free()) {
      return false;
    }
    for (int i = 0; i < missing; i++) {
      table.append(pool.allocate());
    }
    return true;
  }

  /** Gives the table's blocks back and forgets it. */
  public void release(BlockTable table) {
    if (!tables.remove(table)) {
      throw new KvIntegrityException("a block table was released twice");
    }
    for (int i = table.size() - 1; i >= 0; i--) {
      pool.release(table.block(i));
    }
    table.clear();
  }

  /** Fails with the facts unless the tables' references and the pool's counts agree. */
  public void checkIntegrity() {
    pool.checkFreeList();
    Map<Integer, Integer> held = new HashMap<>();
    for (BlockTable table : tables) {
      for (int i = 0; i < table.size(); i++) {
        held.merge(table.block(i), 1, Integer::sum);
      }
    }
    held.forEach((block, count) -> {
      if (pool.references(block) != count) {
        throw new KvIntegrityException(
            "block %d has %d references, but %d tables hold it"
                .formatted(block, pool.references(block), count));
      }
    });
    if (held.size() != pool.used()) {
      throw new KvIntegrityException(
          "%d blocks are in use, but tables hold %d".formatted(pool.used(), held.size()));
    }
  }
}
