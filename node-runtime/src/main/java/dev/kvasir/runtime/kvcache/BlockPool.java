package dev.kvasir.runtime.kvcache;

/**
 * Hands out KV blocks by id and counts who uses each. Block 0 is reserved: rows that pad a batch
 * write there, so it is never handed out. One thread uses it: the engine's.
 */
public final class BlockPool {
  public static final int PADDING_BLOCK = 0;
  public static final int NONE = -1;

  private final int[] references;
  private final int[] freeStack;
  private int free;

  /**
   * @param usable blocks besides the reserved one
   */
  public BlockPool(int usable) {
    if (usable < 1) {
      throw new IllegalArgumentException(
          "a KV pool needs at least one block besides the reserved one");
    }
    references = new int[usable + 1];
    freeStack = new int[usable];
    for (int id = usable; id >= 1; id--) {
      freeStack[free++] = id;
    }
  }

  public int usable() {
    return freeStack.length;
  }

  public int free() {
    return free;
  }

  public int used() {
    return usable() - free;
  }

  /** A block with one reference, the one most recently freed first; {@link #NONE} if none is. */
  int allocate() {
    if (free == 0) {
      return NONE;
    }
    int id = freeStack[--free];
    references[id] = 1;
    return id;
  }

  void retain(int id) {
    requireInUse(id);
    references[id]++;
  }

  void release(int id) {
    requireInUse(id);
    if (--references[id] == 0) {
      freeStack[free++] = id;
    }
  }

  int references(int id) {
    return references[id];
  }

  /** Fails unless every block is either free once and unreferenced, or referenced. */
  void checkFreeList() {
    boolean[] seen = new boolean[references.length];
    for (int i = 0; i < free; i++) {
      int id = freeStack[i];
      if (id <= PADDING_BLOCK || id >= references.length) {
        throw new KvIntegrityException("free list holds block " + id + ", which does not exist");
      }
      if (seen[id]) {
        throw new KvIntegrityException("block " + id + " is in the free list twice");
      }
      if (references[id] != 0) {
        throw new KvIntegrityException(
            "block " + id + " is free but has " + references[id] + " references");
      }
      seen[id] = true;
    }
    for (int id = 1; id < references.length; id++) {
      if (!seen[id] && references[id] <= 0) {
        throw new KvIntegrityException("block " + id + " is neither free nor referenced");
      }
    }
  }

  private void requireInUse(int id) {
    if (id <= PADDING_BLOCK || id >= references.length || references[id] <= 0) {
      throw new KvIntegrityException("block " + id + " is not in use");
    }
  }
}
