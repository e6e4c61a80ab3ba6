package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Collects the ways in which a text can go on. */
final class Heads {
  /**
   * More ways than this are dropped, the later ones: what remains is still of the grammar. It takes
   * a schema of very many alternatives that begin alike.
   */
  private static final int MOST = 512;

  private final List<Head> heads = new ArrayList<>();
  private Set<Head> known;
  private boolean complete;

  /** A machine that reads, and what follows it. */
  record Head(Leaf leaf, long state, Frame after) {

    int cost() {
      return Costs.plus(leaf.cost(state), after.cost());
    }
  }

  /** A machine in a state; where it may end there, what follows it too. */
  void add(Leaf leaf, long state, Frame after) {
    if (leaf.goesOn(state)) {
      add(new Head(leaf, state, after));
    }
    if (leaf.accepts(state)) {
      add(after);
    }
  }

  private void add(Head head) {
    if (heads.size() == MOST) {
      return;
    }
    if (heads.size() == 1) {
      known = new HashSet<>(heads);
    }
    if (heads.isEmpty() || known.add(head)) {
      heads.add(head);
    }
  }

  /** What follows when the part below a frame has ended. */
  void add(Frame frame) {
    if (frame.isEnd()) {
      complete = true;
    } else {
      frame.resume(this);
    }
  }

  /** Null where a text can't go on and isn't complete either. */
  Position position() {
    return heads.isEmpty() && !complete ? null : new Position(heads.toArray(new Head[0]), complete);
  }
}
