package dev.kvasir.runtime.grammar;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Finds the tokens that can come next, by walking the vocabulary's trie along the machines of a
 * position. What fits inside of a string is worked out once for the vocabulary; where else very
 * many tokens can come, the walk's result is remembered for all machines that go on alike.
 * Thread-safe.
 */
final class MaskMaker {
  private static final int MOST_REMEMBERED_BYTES = 64 << 20;

  /** A position of more ways to go on is followed as a whole. */
  private static final int MOST_HEADS_APART = 8;

  private final Vocabulary vocabulary;
  private final Trie trie;
  private final StringTokens strings;
  private final StringTokens keys;
  private final Map<Dfa.Likeness, Broad> remembered;

  /**
   * What a machine takes from a state.
   *
   * @param exits nodes of the trie at which it may end and that tokens go on from
   * @param firsts for each of them the bytes that can follow, a bit for each remainder by 64
   */
  private record Broad(long[] tokens, int[] exits, long[] firsts) {}

  MaskMaker(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.trie = vocabulary.trie();
    this.strings = new StringTokens(vocabulary, StringPlaces.ANY);
    this.keys = new StringTokens(vocabulary, StringPlaces.CANONICAL);
    int most = Math.max(64, MOST_REMEMBERED_BYTES / (vocabulary.size() / 8 + 64));
    this.remembered =
        new LinkedHashMap<>(64, 0.75f, true) {
          private static final long serialVersionUID = 1L;

          @Override
          protected boolean removeEldestEntry(Map.Entry<Dfa.Likeness, Broad> eldest) {
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

  /** Sees a node of a trie and where a text stands there. */
  private interface Visitor {
    void visit(int node, Position position);
  }

  /** One mask in the making. */
  private final class Filling {
    private final int affordable;
    private final long[] bits;
    private final Position[] path = new Position[trie.most() + 1];
    private int leastRefused = Costs.INFINITE;
    private boolean any;

    Filling(int affordable, long[] bits) {
      this.affordable = affordable;
      this.bits = bits;
    }

    void add(Position position) {
      for (Heads.Head head : position.heads()) {
        switch (head.leaf()) {
          case SpecialToken token -> take(token.id(), head.after().cost());
          case JsonString string when string.isInside(head.state()) ->
              addInside(string, head, strings, new Excluded(trie));
          case OtherKeys other when other.isInside(head.state()) -> addKeys(other, head);
          case Dfa dfa when dfa.isHeavy(head.state()) && isAffordable(dfa, head) ->
              addRemembered(dfa, head);
          default -> walk(head);
        }
      }
    }

    private boolean isAffordable(Dfa dfa, Heads.Head head) {
      return Costs.plus(dfa.largestCost(), head.after().cost()) <= affordable;
    }

    private void addRemembered(Dfa dfa, Heads.Head head) {
      Broad broad = broad(dfa, head.state());
      int words = Math.min(bits.length, broad.tokens.length);
      for (int i = 0; i < words; i++) {
        bits[i] |= broad.tokens[i];
      }
      any = true;
      if (broad.exits.length > 0) {
        addExits(broad, head.after().continuation());
      }
    }

    private void addExits(Broad broad, Position after) {
      long firsts = after == null ? 0 : after.firsts();
      for (int i = 0; i < broad.exits.length; i++) {
        if ((broad.firsts[i] & firsts) != 0) {
          walkOn(broad.exits[i], after);
        }
      }
    }

    private void addKeys(OtherKeys other, Heads.Head head) {
      int budget = affordable - head.after().cost();
      if (budget < 2) {
        walk(head);
      } else {
        Excluded names = new Excluded(trie);
        names.add(other, head.state(), budget);
        addInside(other, head, keys, names);
      }
    }

    private void addInside(
        StringLeaf leaf, Heads.Head head, StringTokens tokens, Excluded excluded) {
      int min = leaf.min(head.state());
      int max = leaf.max(head.state());
      int budget = affordable - head.after().cost();
      int closed = head.after().isEnd() ? 0 : head.after().cost();
      excluded.note(bits);
      boolean some = false;
      if (budget >= 1) {
        long least = min - (long) StringLeaf.CHARACTERS_PER_TOKEN * (budget - 1);
        some = tokens.open().addTo(bits, Math.clamp(least, 0, max), max);
        some |= tokens.addPartial(bits, min, max, budget);
      }
      if (closed <= affordable) {
        some |= tokens.closing().addTo(bits, min, max);
      }
      addBehind(tokens.suffixes(), min, max, head.after().continuation());
      excluded.restore(bits);
      any |= some;
      if (!some) {
        refuseInside(tokens, min, max, head.after().cost(), closed);
      }
    }

    private void refuseInside(StringTokens tokens, int min, int max, int after, int closed) {
      int longest = tokens.open().largest(max);
      if (longest >= 0) {
        int cost = Costs.plus(StringLeaf.costInside(Math.max(0, min - longest)), after);
        leastRefused = Math.min(leastRefused, cost);
      }
      if (tokens.closing().largest(max) >= min) {
        leastRefused = Math.min(leastRefused, closed);
      }
    }

    /** Takes tokens that end a string and go on. */
    private void addBehind(Suffixes suffixes, int min, int max, Position from) {
      Trie texts = suffixes.trie();
      if (from == null) {
        return;
      }
      walk(
          texts,
          Trie.ROOT,
          from,
          (node, position) -> {
            int text = texts.token(node);
            if (text >= 0 && position.cost() > affordable) {
              leastRefused = Math.min(leastRefused, position.cost());
            } else if (text >= 0) {
              any |= suffixes.addTo(bits, text, min, max);
            }
          });
    }

    private void walk(Heads.Head head) {
      walk(head, Trie.ROOT);
    }

    private void walk(Heads.Head head, int from) {
      Leaf leaf = head.leaf();
      LeafWalk walk = new LeafWalk(leaf, head.state(), trie, from);
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
      if (position.heads().length > MOST_HEADS_APART) {
        walk(trie, from, position, (node, next) -> takeAll(trie.token(node), next.cost()));
        return;
      }
      for (Heads.Head head : position.heads()) {
        if (!(head.leaf() instanceof SpecialToken)) {
          walk(head, from);
        }
      }
    }

    /** Visits the nodes below one whose bytes fit. */
    private void walk(Trie of, int from, Position position, Visitor visitor) {
      path[0] = position;
      int base = of.depth(from);
      int end = of.end(from);
      for (int node = from + 1; node < end; ) {
        int depth = of.depth(node) - base;
        Position next = path[depth - 1].step(of.label(node));
        if (next == null) {
          node = of.end(node);
          continue;
        }
        path[depth] = next;
        visitor.visit(node, next);
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

  private Broad broad(Dfa dfa, long state) {
    Dfa.Likeness likeness = dfa.likeness((int) state, vocabulary.longestToken());
    synchronized (remembered) {
      Broad known = remembered.get(likeness);
      if (known != null) {
        return known;
      }
    }
    long[] tokens = new long[(vocabulary.size() + 63) / 64];
    IntList exits = new IntList();
    dfa.collect((int) state, trie, tokens, exits);
    long[] firsts = new long[exits.size()];
    java.util.Arrays.setAll(firsts, i -> firsts(exits.get(i)));
    Broad made = new Broad(tokens, exits.toArray(), firsts);
    synchronized (remembered) {
      remembered.put(likeness, made);
    }
    return made;
  }

  private long firsts(int node) {
    long bits = 0;
    for (int child = node + 1; child < trie.end(node); child = trie.end(child)) {
      bits |= 1L << trie.label(child);
    }
    return bits;
  }
}
