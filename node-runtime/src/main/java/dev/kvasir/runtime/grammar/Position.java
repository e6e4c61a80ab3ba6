package dev.kvasir.runtime.grammar;

/** Where a text stands in a grammar: all the ways in which it can go on. Steps are remembered. */
final class Position {
  private static final Position NOWHERE = new Position(new Heads.Head[0], false);

  private final Heads.Head[] heads;
  private final boolean complete;
  private final int cost;
  private Position[] next;
  private long firsts;

  Position(Heads.Head[] heads, boolean complete) {
    this.heads = heads;
    this.complete = complete;
    int least = Costs.INFINITE;
    for (Heads.Head head : heads) {
      least = Math.min(least, head.cost());
    }
    // A text that could go on needs the token that ends it.
    this.cost = complete ? Math.min(1, heads.length) : least;
  }

  static Position start(Rule rule) {
    Heads heads = new Heads();
    rule.open(Frame.END, heads);
    return heads.position();
  }

  Heads.Head[] heads() {
    return heads;
  }

  /** Whether the text may end here. */
  boolean isComplete() {
    return complete;
  }

  /** Whether the text must end here. */
  boolean isOver() {
    return complete && heads.length == 0;
  }

  /** About how many tokens the shortest way to the end takes. */
  int cost() {
    return cost;
  }

  /** Where it stands after a byte; null where that can't come. */
  Position step(int octet) {
    if (next == null) {
      next = new Position[256];
    }
    Position known = next[octet];
    if (known == null) {
      known = work(octet);
      next[octet] = known;
    }
    return known == NOWHERE ? null : known;
  }

  /** Bytes that can come, a bit for each remainder by 64. */
  long firsts() {
    if (firsts == 0) {
      for (Heads.Head head : heads) {
        for (int octet = 0; octet < 256; octet++) {
          if (head.leaf().step(head.state(), octet) >= 0) {
            firsts |= 1L << octet;
          }
        }
      }
    }
    return firsts;
  }

  /** As {@link #step}, not remembered: for texts that go on from there. */
  Position stepOnce(int octet) {
    Position position = work(octet);
    return position == NOWHERE ? null : position;
  }

  private Position work(int octet) {
    Heads out = new Heads();
    for (Heads.Head head : heads) {
      long state = head.leaf().step(head.state(), octet);
      if (state >= 0) {
        out.add(head.leaf(), state, head.after());
      }
    }
    Position position = out.position();
    return position == null ? NOWHERE : position;
  }

  /** Where it stands after a token without bytes; null where that can't come. */
  Position stepSpecial(int id) {
    Heads out = new Heads();
    for (Heads.Head head : heads) {
      if (head.leaf() instanceof SpecialToken token && token.id() == id) {
        out.add(head.after());
      }
    }
    return out.position();
  }
}
