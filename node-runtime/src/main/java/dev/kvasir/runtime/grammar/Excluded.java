package dev.kvasir.runtime.grammar;

/**
 * Tokens that fit inside of a key as far as its characters go, but would make it one of the names
 * that it must not be.
 */
final class Excluded {
  private final Trie trie;
  private final IntList tokens = new IntList();
  private boolean[] had = {};

  Excluded(Trie trie) {
    this.trie = trie;
  }

  /** {@code budget}: tokens that may follow the next one up to the key's end. */
  void add(OtherKeys keys, long state, int budget) {
    int node = keys.node(state);
    if (node >= keys.names().size()) {
      return;
    }
    if (keys.isName(node)) {
      addClosing(Trie.ROOT);
    }
    addBelow(keys, state, node, Trie.ROOT, budget);
  }

  private void addBelow(OtherKeys keys, long state, int node, int at, int budget) {
    Trie names = keys.names();
    for (int child = node + 1; child < names.end(node); child = names.end(child)) {
      int next = trie.child(at, names.label(child));
      if (next >= 0) {
        long after = keys.step(state, names.label(child));
        if (keys.isName(child)) {
          addClosing(next);
          if (after == Leaf.DEAD || keys.cost(after) > budget) {
            addTokens(next);
          }
        }
        if (after != Leaf.DEAD) {
          addBelow(keys, after, child, next, budget);
        }
      }
    }
  }

  private void addClosing(int node) {
    int quote = trie.child(node, '"');
    if (quote >= 0) {
      for (int below = quote; below < trie.end(quote); below++) {
        addTokens(below);
      }
    }
  }

  private void addTokens(int node) {
    for (int id = trie.token(node); id >= 0; id = trie.twin(id)) {
      tokens.add(id);
    }
  }

  /** Notes which of them are allowed for another reason. */
  void note(long[] bits) {
    had = new boolean[tokens.size()];
    for (int i = 0; i < had.length; i++) {
      int id = tokens.get(i);
      had[i] = id >> 6 < bits.length && (bits[id >> 6] >>> id & 1) != 0;
    }
  }

  /** Takes back those that were not. */
  void restore(long[] bits) {
    for (int i = 0; i < had.length; i++) {
      int id = tokens.get(i);
      if (!had[i] && id >> 6 < bits.length) {
        bits[id >> 6] &= ~(1L << id);
      }
    }
  }
}
