package dev.kvasir.runtime.kvcache;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands out the KV blocks of one group by id, counts who uses each, and knows which hold something
 * that can be used again. Block 0 is reserved: rows that pad a batch write there, so it is never
 * handed out. One thread uses it: the engine's.
 */
public final class BlockPool {
  public static final int PADDING_BLOCK = 0;
  public static final int NONE = -1;

  private final int[] references;

  /** Blocks without a reader: first those that hold nothing of use, then by time of last use. */
  private final FreeList free;

  /** By block; null where it cannot be found again. */
  private final BlockHash[] hashes;

  private final Map<BlockHash, Integer> published = new HashMap<>();

  /** Free blocks with a hash. */
  private int cached;

  /**
   * @param usable blocks besides the reserved one
   */
  public BlockPool(int usable) {
    if (usable < 1) {
      throw new IllegalArgumentException(
          "a KV pool needs at least one block besides the reserved one");
    }
    references = new int[usable + 1];
    hashes = new BlockHash[usable + 1];
    free = new FreeList(usable + 1);
    for (int id = 1; id <= usable; id++) {
      free.addLast(id);
    }
  }

  public int usable() {
    return references.length - 1;
  }

  /** Blocks that nobody uses, those included that still hold something of use. */
  public int free() {
    return free.size();
  }

  public int cached() {
    return cached;
  }

  public int used() {
    return usable() - free();
  }

  /** A block with one reference, the least useful first; {@link #NONE} if none is free. */
  int allocate() {
    if (free.size() == 0) {
      return NONE;
    }
    int id = free.removeFirst();
    if (hashes[id] != null) {
      cached--;
      withdraw(id);
    }
    references[id] = 1;
    return id;
  }

  /** One more reader of a block that is in use or was found by its hash. */
  void retain(int id) {
    if (id <= PADDING_BLOCK || id >= references.length) {
      throw new KvIntegrityException("block " + id + " does not exist");
    }
    if (references[id] == 0) {
      if (hashes[id] == null) {
        throw new KvIntegrityException("block " + id + " is not in use");
      }
      free.remove(id);
      cached--;
    }
    references[id]++;
  }

  void release(int id) {
    requireInUse(id);
    if (--references[id] > 0) {
      return;
    }
    if (hashes[id] == null) {
      free.addFirst(id);
    } else {
      free.addLast(id);
      cached++;
    }
  }

  int references(int id) {
    return references[id];
  }

  /** Lets a block be found; of blocks with the same contents the first stays the one. */
  void publish(int id, BlockHash hash) {
    requireInUse(id);
    if (published.putIfAbsent(hash, id) == null) {
      hashes[id] = hash;
    }
  }

  /** Makes sure that a block is not found any more. */
  void withdraw(int id) {
    if (hashes[id] != null) {
      published.remove(hashes[id]);
      hashes[id] = null;
    }
  }

  void withdrawAll() {
    Arrays.fill(hashes, null);
    published.clear();
    cached = 0;
  }

  /** The block with these contents; {@link #NONE} if there is none. */
  int find(BlockHash hash) {
    return published.getOrDefault(hash, NONE);
  }

  /** Fails unless every block is either free and unreferenced or neither, and all can be found. */
  void checkFreeList() {
    int found = 0;
    for (int id = 1; id < references.length; id++) {
      if (free.contains(id) != (references[id] == 0)) {
        throw new KvIntegrityException(
            "block %d has %d references and is%s in the free list"
                .formatted(id, references[id], free.contains(id) ? "" : " not"));
      }
      if (hashes[id] != null && published.get(hashes[id]) != id) {
        throw new KvIntegrityException("block " + id + " is not where its hash says");
      }
      found += references[id] == 0 && hashes[id] != null ? 1 : 0;
    }
    if (found != cached) {
      throw new KvIntegrityException(found + " free blocks are cached, counted are " + cached);
    }
    requireHashed(published.size());
  }

  private void requireHashed(int count) {
    long hashed = Arrays.stream(hashes).filter(java.util.Objects::nonNull).count();
    if (hashed != count) {
      throw new KvIntegrityException(count + " hashes lead to " + hashed + " blocks");
    }
  }

  /** Free blocks from the next to be reused on. */
  int[] freeInOrder() {
    return free.inOrder();
  }

  private void requireInUse(int id) {
    if (id <= PADDING_BLOCK || id >= references.length || references[id] <= 0) {
      throw new KvIntegrityException("block " + id + " is not in use");
    }
  }
}
