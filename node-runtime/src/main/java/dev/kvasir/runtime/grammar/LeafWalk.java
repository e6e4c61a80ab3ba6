package dev.kvasir.runtime.grammar;

/** Visits the nodes of a vocabulary's trie whose bytes a machine takes, from a state on. */
final class LeafWalk {
  private final Leaf leaf;
  private final Trie trie;
  private long[] states = new long[32];
  private final int base;
  private final int end;
  private int node;
  private int next;

  LeafWalk(Leaf leaf, long state, Trie trie) {
    this(leaf, state, trie, Trie.ROOT);
  }

  /** Visits only nodes below one, at which the machine is in the state. */
  LeafWalk(Leaf leaf, long state, Trie trie, int from) {
    this.leaf = leaf;
    this.trie = trie;
    this.base = trie.depth(from);
    this.end = from == Trie.ROOT ? trie.size() : trie.end(from);
    this.next = from + 1;
    this.states[0] = state;
  }

  /** Moves to the next such node; false where there is none. */
  boolean advance() {
    while (next < end) {
      int depth = trie.depth(next) - base;
      long state = leaf.step(states[depth - 1], trie.label(next));
      if (state >= 0) {
        enter(next, depth, state);
        next++;
        return true;
      }
      next = trie.end(next);
    }
    return false;
  }

  /** Leaves out the nodes below this one. */
  void skipBelow() {
    next = trie.end(node);
  }

  private void enter(int entered, int depth, long state) {
    if (depth == states.length) {
      states = java.util.Arrays.copyOf(states, depth * 2);
    }
    states[depth] = state;
    node = entered;
  }

  int node() {
    return node;
  }

  /** The machine's state after the node's bytes. */
  long state() {
    return states[trie.depth(node) - base];
  }
}
