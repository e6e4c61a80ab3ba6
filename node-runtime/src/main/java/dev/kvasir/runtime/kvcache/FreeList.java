package dev.kvasir.runtime.kvcache;

/**
 * Block ids in the order in which they will be reused. Every operation takes constant time, also
 * the removal from the middle that a prefix hit asks for.
 */
final class FreeList {
  /** The reserved block is never free, so its id marks both ends. */
  private static final int END = BlockPool.PADDING_BLOCK;

  private static final int ABSENT = -1;

  private final int[] next;
  private final int[] previous;
  private int size;

  FreeList(int ids) {
    next = new int[ids];
    previous = new int[ids];
    java.util.Arrays.fill(next, ABSENT);
    next[END] = END;
  }

  int size() {
    return size;
  }

  boolean contains(int id) {
    return next[id] != ABSENT;
  }

  void addFirst(int id) {
    insert(id, END, next[END]);
  }

  void addLast(int id) {
    insert(id, previous[END], END);
  }

  private void insert(int id, int before, int after) {
    if (contains(id)) {
      throw new KvIntegrityException("block " + id + " is in the free list already");
    }
    next[before] = id;
    previous[id] = before;
    next[id] = after;
    previous[after] = id;
    size++;
  }

  int removeFirst() {
    int id = next[END];
    remove(id);
    return id;
  }

  void remove(int id) {
    if (!contains(id) || id == END) {
      throw new KvIntegrityException("block " + id + " is not in the free list");
    }
    next[previous[id]] = next[id];
    previous[next[id]] = previous[id];
    next[id] = ABSENT;
    size--;
  }

  /** The ids from the next to be reused on. */
  int[] inOrder() {
    int[] ids = new int[size];
    int at = END;
    for (int i = 0; i < size; i++) {
      at = next[at];
      ids[i] = at;
    }
    return ids;
  }
}
