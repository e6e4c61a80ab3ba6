package dev.kvasir.runtime.device.cpu;

/** Token ids by falling logit, lower ids first; linear to build, so that few removals are cheap. */
final class TokenHeap {
  private final float[] logits;
  private final int from;
  private final int[] ids;
  private int size;

  /** The tokens whose logit is at least {@code least}. */
  static TokenHeap of(float[] logits, int from, int vocabulary, double least) {
    int[] ids = new int[vocabulary];
    int size = 0;
    for (int id = 0; id < vocabulary; id++) {
      if (logits[from + id] >= least) {
        ids[size++] = id;
      }
    }
    TokenHeap heap = new TokenHeap(logits, from, ids, size);
    for (int i = size / 2 - 1; i >= 0; i--) {
      heap.sink(i);
    }
    return heap;
  }

  private TokenHeap(float[] logits, int from, int[] ids, int size) {
    this.logits = logits;
    this.from = from;
    this.ids = ids;
    this.size = size;
  }

  TokenHeap copy() {
    return new TokenHeap(logits, from, ids.clone(), size);
  }

  int size() {
    return size;
  }

  /** Ids in no order. */
  int id(int place) {
    return ids[place];
  }

  int first() {
    return ids[0];
  }

  int removeFirst() {
    int first = ids[0];
    ids[0] = ids[--size];
    sink(0);
    return first;
  }

  private void sink(int start) {
    int place = start;
    int id = ids[place];
    while (2 * place + 1 < size) {
      int child = 2 * place + 1;
      if (child + 1 < size && TokenOrder.precedes(logits, from, ids[child + 1], ids[child])) {
        child++;
      }
      if (!TokenOrder.precedes(logits, from, ids[child], id)) {
        break;
      }
      ids[place] = ids[child];
      place = child;
    }
    ids[place] = id;
  }
}
