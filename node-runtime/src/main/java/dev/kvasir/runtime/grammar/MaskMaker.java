package dev.kvasir.runtime.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the tokens that can come next, by walking the vocabulary's trie along the machines of a
 * position. Where very many can, as inside of a string, the walk's result is remembered for all
 * grammars. Thread-safe.
 */
final class MaskMaker {
  private static final int MOST_REMEMBERED_BYTES = 64 << 20;

  private final Vocabulary vocabulary;
  private final Trie trie;
  private final Map<Key, Broad> remembered;
  private StringTokens strings;

  /** Families are equal where they are the same. */
  private record Key(Object family, long state) {}

  /**
   * What a machine takes from a state.
   *
   * @param exits nodes of the trie at which it may end and that tokens go on from
   */
  private record Broad(long[] tokens, int[] exits) {}

  MaskMaker(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.trie = vocabulary.trie();
    int most = Math.max(64, MOST_REMEMBERED_BYTES / (vocabulary.size() / 8 + 64));
    this.remembered =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Key, Broad> eldest) {
            return size() > most;
          }
        };
  }

  /**
   * Sets the bits of the tokens that can come, those that end a text not included.
   *
   * @param affordable tokens that may follow the next one: only tokens after which the text can
   *     still come to its end are taken, or where none does the nearest to it
   * @param canEnd whether a token that ends the text can come instead
   */
  void fill(Position position, int affordable, boolean canEnd, long[] bits) {
    Filling filling = new Filling(affordable, bits);
    filling.add(position);
    if (!filling.any && !canEnd && filling.leastRefused < Costs.INFINITE) {
      filling = new Filling(filling.leastRefused, bits);
      filling.add(position);
    }
  }

  /** One mask in the making. */
  private final class Filling {
    private final int affordable;
    private final long[] bits;
    private int leastRefused = Costs.INFINITE;
    private boolean any;

    Filling(int affordable, long[] bits) {
      this.affordable = affordable;
      this.bits = bits;
    }

    void add(Position position) {
      for (Heads.Head head : position.heads()) {
        Leaf leaf = head.leaf();
        if (leaf instanceof SpecialToken token) {
          take(token.id(), head.after().cost());
        } else if (leaf.isBroad(head.state()) && isAffordable(head)) {
          if (leaf instanceof JsonString) {
            addInside(head);
          } else {
            addRemembered(head);
          }
        } else {
          walk(head);
        }
      }
    }

    private boolean isAffordable(Heads.Head head) {
      int most = Costs.plus(head.leaf().largestCost(head.state()), head.after().cost());
      return most <= affordable;
    }

    private void addRemembered(Heads.Head head) {
      Broad broad = broad(head.leaf(), head.state());
      int words = Math.min(bits.length, broad.tokens.length);
      for (int i = 0; i < words; i++) {
        bits[i] |= broad.tokens[i];
      }
      any = true;
      if (broad.exits.length > 0) {
        Position after = head.after().continuation();
        for (int exit : broad.exits) {
          walkOn(exit, after);
        }
      }
    }

    private void addInside(Heads.Head head) {
      StringTokens inside = strings();
      int min = JsonString.min(head.state());
      int max = JsonString.max(head.state());
      inside.addInside(max, bits);
      any = true;
      for (int i = 0; i < inside.exits(); i++) {
        int count = inside.charactersBefore(i);
        if (count >= min && count <= max) {
          int exit = inside.exit(i);
          takeAll(trie.token(exit), 0);
          if (trie.hasChildren(exit)) {
            walkOn(exit, head.after().continuation());
          }
        }
      }
    }

    private void walk(Heads.Head head) {
      Leaf leaf = head.leaf();
      LeafWalk walk = new LeafWalk(leaf, head.state(), trie);
      while (walk.advance()) {
        int node = walk.node();
        if (trie.token(node) >= 0) {
          takeAll(trie.token(node), cost(leaf, walk.state(), head.after()));
        }
        if (trie.hasChildren(node) && leaf.accepts(walk.state())) {
          walkOn(node, head.after().continuation());
        }
      }
    }

    private static int cost(Leaf leaf, long state, Frame after) {
      boolean over = after.isEnd() && leaf.accepts(state) && !leaf.goesOn(state);
      return over ? 0 : Costs.plus(leaf.cost(state), after.cost());
    }

    /** Takes tokens that begin in one machine and go on behind its end. */
    private void walkOn(int from, Position position) {
      if (position == null) {
        return;
      }
      Position[] path = new Position[8];
      path[0] = position;
      int base = trie.depth(from);
      int end = trie.end(from);
      for (int node = from + 1; node < end; ) {
        int depth = trie.depth(node) - base;
        Position next = path[depth - 1].step(trie.label(node));
        if (next == null) {
          node = trie.end(node);
          continue;
        }
        if (depth == path.length) {
          path = java.util.Arrays.copyOf(path, depth * 2);
        }
        path[depth] = next;
        if (trie.token(node) >= 0) {
          takeAll(trie.token(node), next.cost());
        }
        node++;
      }
    }

    private void takeAll(int token, int cost) {
      for (int id = token; id >= 0; id = trie.twin(id)) {
        take(id, cost);
      }
    }

    private void take(int id, int cost) {
      if (cost > affordable) {
        leastRefused = Math.min(leastRefused, cost);
      } else if (id >> 6 < bits.length) {
        bits[id >> 6] |= 1L << id;
        any = true;
      }
    }
  }

  private synchronized StringTokens strings() {
    if (strings == null) {
      strings = new StringTokens(vocabulary);
    }
    return strings;
  }

  private Broad broad(Leaf leaf, long state) {
    long canonical = leaf.canonical(state, vocabulary.longestToken());
    Key key = new Key(leaf.family(), canonical);
    synchronized (remembered) {
      Broad known = remembered.get(key);
      if (known != null) {
        return known;
      }
    }
    Broad made = make(leaf, canonical);
    synchronized (remembered) {
      remembered.put(key, made);
    }
    return made;
  }

  private Broad make(Leaf leaf, long state) {
    long[] tokens = new long[(vocabulary.size() + 63) / 64];
    IntList exits = new IntList();
    LeafWalk walk = new LeafWalk(leaf, state, trie);
    while (walk.advance()) {
      int node = walk.node();
      for (int id = trie.token(node); id >= 0; id = trie.twin(id)) {
        tokens[id >> 6] |= 1L << id;
      }
      if (trie.hasChildren(node) && leaf.accepts(walk.state())) {
        exits.add(node);
      }
    }
    return new Broad(tokens, exits.toArray());
  }
}
