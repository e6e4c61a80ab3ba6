package dev.kvasir.runtime.grammar;

/** Visits the nodes of a vocabulary's trie whose bytes a machine takes, from a state on. */
final class LeafWalk {
  private final Leaf leaf;
  private final Trie trie;
  private long[] states = new long[32];
  private int node = Trie.ROOT;

  LeafWalk(Leaf leaf, long from, Trie trie) {
    this.leaf = leaf;
    this.trie = trie;
    this.states[0] = from;
  }

  /** Moves to the next such node; false where there is none. */
  boolean advance() {
    int next = node + 1;
    while (next < trie.size()) {
      int depth = trie.depth(next);
      long state = leaf.step(states[depth - 1], trie.label(next));
      if (state >= 0) {
        enter(next, depth, state);
        return true;
      }
      next = trie.end(next);
    }
    return false;
  }

  private void enter(int next, int depth, long state) {
    if (depth == states.length) {
      states = java.util.Arrays.copyOf(states, depth * 2);
    }
    states[depth] = state;
    node = next;
  }

  int node() {
    return node;
  }

  /** The machine's state before the node's last byte. */
  long stateBefore() {
    return states[trie.depth(node) - 1];
  }

  /** The machine's state after the node's bytes. */
  long state() {
    return states[trie.depth(node)];
  }
}
