package dev.kvasir.runtime.kvcache;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Owns the blocks of all sequences in all KV groups. Full blocks can be found again by what they
 * hold, while a sequence uses them and afterwards until their place is needed. One thread uses it:
 * the engine's.
 */
public final class KvCacheManager {
  private final List<CacheGroup> groups = new ArrayList<>();
  private final List<PoolSize> sizes;
  private final int blockSize;

  /** Null where prefixes are not cached. */
  private final BlockHasher hasher;

  private final Set<SequenceBlocks> open = new LinkedHashSet<>();

  public KvCacheManager(List<PoolSize> sizes, int blockSize, boolean prefixCaching) {
    this.sizes = List.copyOf(sizes);
    this.blockSize = blockSize;
    this.hasher = prefixCaching ? new BlockHasher(blockSize) : null;
    sizes.forEach(size -> groups.add(new CacheGroup(size, blockSize)));
  }

  public int blockSize() {
    return blockSize;
  }

  public int groups() {
    return groups.size();
  }

  /** Free blocks of all groups. */
  public int freeBlocks() {
    int free = 0;
    for (int g = 0; g < groups.size(); g++) {
      free += groups.get(g).pool().free();
    }
    return free;
  }

  /** Those of the free blocks that a later sequence could use again as they are. */
  public int cachedBlocks() {
    int cached = 0;
    for (int g = 0; g < groups.size(); g++) {
      cached += groups.get(g).pool().cached();
    }
    return cached;
  }

  public int usedBlocks() {
    int used = 0;
    for (int g = 0; g < groups.size(); g++) {
      used += groups.get(g).pool().used();
    }
    return used;
  }

  /** The share of its blocks that the fullest group has in use. */
  public double usage() {
    double most = 0;
    for (int g = 0; g < groups.size(); g++) {
      CacheGroup group = groups.get(g);
      most = Math.max(most, group.pool().used() / (double) group.pool().usable());
    }
    return most;
  }

  /** Whether a sequence of this many tokens could be computed if it were alone. */
  public boolean couldEverHold(long tokens) {
    return sizes.stream().allMatch(size -> size.holds(tokens, blockSize));
  }

  /** An empty chain; its sequence extends it. */
  public BlockChain chain(CacheSalt salt) {
    return new BlockChain(hasher, blockSize, salt);
  }

  /** Takes a sequence in that has nothing yet; it grows as it may. */
  public SequenceBlocks open() {
    SequenceBlocks blocks = new SequenceBlocks(groups.size(), 0, 0);
    open.add(blocks);
    return blocks;
  }

  /**
   * Takes a sequence in: the longest cached beginning that all groups agree on, and room for what
   * is known.
   *
   * @param chain of all full blocks of the known tokens
   * @param length known tokens
   * @param reusable most tokens to take from the cache; at least the last is computed, because its
   *     logits are wanted
   * @param spare blocks of each group that must stay free
   * @return null where there is no room; then nothing has changed
   */
  public SequenceBlocks admit(BlockChain chain, int length, int reusable, int spare) {
    int hit = longestHit(chain, Math.min(chain.size(), reusable / blockSize));
    for (CacheGroup group : groups) {
      if (!group.admits(chain, hit, length, spare)) {
        return null;
      }
    }
    SequenceBlocks blocks = new SequenceBlocks(groups.size(), hit, hit * blockSize);
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).take(blocks.table(g), chain, hit, length);
    }
    open.add(blocks);
    return blocks;
  }

  private int longestHit(BlockChain chain, int most) {
    int hit = most;
    int before;
    do {
      before = hit;
      for (CacheGroup group : groups) {
        hit = group.longestHit(chain, hit);
      }
    } while (hit != before);
    return hit;
  }

  /** Most tokens in all that a sequence could hold now, with {@code spare} blocks left free. */
  public long reachable(SequenceBlocks blocks, int spare) {
    long least = Long.MAX_VALUE;
    for (int g = 0; g < groups.size(); g++) {
      least = Math.min(least, groups.get(g).reachable(blocks.table(g), spare));
    }
    return least;
  }

  /** Makes room for {@code tokens} in all, which the caller knows to be {@link #reachable}. */
  public void grow(SequenceBlocks blocks, int tokens) {
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).grow(blocks.table(g), tokens);
    }
  }

  /** Gives back what no row from {@code position} on sees. */
  public void trim(SequenceBlocks blocks, int position) {
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).trim(blocks.table(g), position);
    }
  }

  /**
   * Lets the full blocks of the first {@code tokens} be found by others. They may be so as soon as
   * a step that writes them is planned: every layer writes before it reads.
   */
  public void publish(SequenceBlocks blocks, BlockChain chain, int tokens) {
    int full = Math.min(tokens / blockSize, chain.size());
    for (int block = blocks.published(); block < full; block++) {
      for (int g = 0; g < groups.size(); g++) {
        groups.get(g).publish(blocks.table(g), chain, block);
      }
    }
    blocks.setPublished(Math.max(full, blocks.published()));
  }

  /** Nobody may find a sequence's blocks, nor those that it fills later. */
  public void withdraw(SequenceBlocks blocks) {
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).withdraw(blocks.table(g));
    }
    blocks.setPublished(Integer.MAX_VALUE);
  }

  /** Nobody may find any block that is there now, nor what the open sequences add to it. */
  public void forgetPrefixes() {
    open.forEach(this::withdraw);
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).pool().withdrawAll();
    }
  }

  /** Gives a sequence's blocks back and forgets it. */
  public void release(SequenceBlocks blocks) {
    if (!open.remove(blocks)) {
      throw new KvIntegrityException("a sequence's blocks were released twice");
    }
    for (int g = 0; g < groups.size(); g++) {
      groups.get(g).release(blocks.table(g));
    }
  }

  /** A group's free blocks, from the next to be reused on. */
  int[] freeInOrder(int group) {
    return groups.get(group).pool().freeInOrder();
  }

  /** Fails with the facts unless the tables' references and the pools' counts agree. */
  public void checkIntegrity() {
    for (int g = 0; g < groups.size(); g++) {
      checkIntegrity(g, groups.get(g).pool());
    }
  }

  private void checkIntegrity(int group, BlockPool pool) {
    pool.checkFreeList();
    Map<Integer, Integer> held = new HashMap<>();
    for (SequenceBlocks blocks : open) {
      BlockTable table = blocks.table(group);
      for (int i = table.first(); i < table.size(); i++) {
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
