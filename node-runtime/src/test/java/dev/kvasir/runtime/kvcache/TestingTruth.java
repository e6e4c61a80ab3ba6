package dev.kvasir.runtime.kvcache;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What one KV group's pool should look like, said as plainly as can be: a block's content is the
 * text up to its end. Predicts hits, which block is handed out, and the order of reuse.
 */
final class TestingTruth {
  final int window;
  final int blockSize;
  final Deque<Integer> free = new ArrayDeque<>();
  final Map<String, Integer> blockOf = new HashMap<>();
  final Map<Integer, String> contentOf = new HashMap<>();
  final int[] readers;

  TestingTruth(PoolSize size, int blockSize) {
    this.window = size.window();
    this.blockSize = blockSize;
    this.readers = new int[size.blocks() + 1];
    for (int id = 1; id <= size.blocks(); id++) {
      free.addLast(id);
    }
  }

  static String content(String text, int block, int blockSize) {
    return text.substring(0, (block + 1) * blockSize);
  }

  boolean sees(int row, int position) {
    return position <= row && (window == 0 || position > row - window);
  }

  /** Whether a sequence could go on after so many cached blocks. */
  boolean couldGoOn(String text, int blocks) {
    for (int position = 0; position < blocks * blockSize; position++) {
      if (sees(blocks * blockSize, position)
          && !blockOf.containsKey(content(text, position / blockSize, blockSize))) {
        return false;
      }
    }
    return true;
  }

  /** The blocks from the first that the row at {@code position} sees. */
  int firstVisible(int position) {
    int first = position;
    while (first > 0 && sees(position, first - 1)) {
      first--;
    }
    return first / blockSize;
  }

  List<Integer> take(String text, int hit) {
    List<Integer> taken = new ArrayList<>();
    for (int block = firstVisible(hit * blockSize); block < hit; block++) {
      int id = blockOf.get(content(text, block, blockSize));
      readers[id]++;
      free.remove(id);
      taken.add(id);
    }
    return taken;
  }

  int allocate() {
    int id = free.removeFirst();
    String old = contentOf.remove(id);
    if (old != null) {
      blockOf.remove(old);
    }
    readers[id] = 1;
    return id;
  }

  void publish(String text, int block, int id) {
    String content = content(text, block, blockSize);
    if (!blockOf.containsKey(content)) {
      blockOf.put(content, id);
      contentOf.put(id, content);
    }
  }

  void release(int id) {
    if (--readers[id] > 0) {
      return;
    }
    if (contentOf.containsKey(id)) {
      free.addLast(id);
    } else {
      free.addFirst(id);
    }
  }
}
