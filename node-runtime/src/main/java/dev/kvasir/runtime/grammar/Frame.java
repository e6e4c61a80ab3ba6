package dev.kvasir.runtime.grammar;

/**
 * What follows when a part of a rule has ended: the rule, the place in it, and what follows the
 * rule. Frames are immutable and shared; equal ones mean the same.
 */
final class Frame {
  /** Objects and lists that may be open at once. */
  static final int MOST_LEVELS = 64;

  /** Nothing follows. */
  static final Frame END = new Frame(null, 0, 0, 0, null);

  private final Rule rule;
  private final int place;

  /** Parts of the rule so far, as far as it matters. */
  private final int count;

  private final int level;
  private final Frame parent;
  private final int cost;
  private final int hash;
  private Position continuation;

  private Frame(Rule rule, int place, int count, int level, Frame parent) {
    this.rule = rule;
    this.place = place;
    this.count = count;
    this.level = level;
    this.parent = parent;
    // At the end there may be a token left to draw, the one that ends the text.
    this.cost = rule == null ? 1 : Costs.plus(rule.costFrom(place, count), parent.cost);
    this.hash =
        ((System.identityHashCode(rule) * 31 + place) * 31 + count) * 31
            + (parent == null ? 0 : parent.hash);
  }

  /** A frame over this one. */
  Frame above(Rule rule, int place, int count) {
    return new Frame(rule, place, count, level, this);
  }

  /** A frame over this one, one level deeper. */
  Frame deeper(Rule rule, int place, int count) {
    return new Frame(rule, place, count, level + 1, this);
  }

  /** This frame at another place of its rule. */
  Frame moved(int place, int count) {
    return new Frame(rule, place, count, level, parent);
  }

  boolean isEnd() {
    return rule == null;
  }

  int place() {
    return place;
  }

  int count() {
    return count;
  }

  Frame parent() {
    return parent;
  }

  /** About how many tokens the shortest way from here to the end takes. */
  int cost() {
    return cost;
  }

  boolean hasRoomFor(Rule rule) {
    return level + rule.height() <= MOST_LEVELS;
  }

  void resume(Heads heads) {
    rule.resume(this, heads);
  }

  /** Where a text stands when the part below this frame has ended. */
  Position continuation() {
    if (continuation == null) {
      Heads heads = new Heads();
      heads.add(this);
      continuation = heads.position();
    }
    return continuation;
  }

  @Override
  public boolean equals(Object object) {
    if (this == object) {
      return true;
    }
    return object instanceof Frame other
        && hash == other.hash
        && rule == other.rule
        && place == other.place
        && count == other.count
        && level == other.level
        && (parent == null ? other.parent == null : parent.equals(other.parent));
  }

  @Override
  public int hashCode() {
    return hash;
  }
}
