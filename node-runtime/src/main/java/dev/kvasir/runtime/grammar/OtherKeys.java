package dev.kvasir.runtime.grammar;

import java.util.Collection;

/**
 * Keys of a JSON object, quotes included, that are none of some names, of a number of characters
 * within bounds. Each key has one spelling, so that a name can't come in disguise. A state also
 * holds which of the names still agree: a node of the tree of their bytes.
 */
final class OtherKeys implements StringLeaf {
  /** More characters than this can't be counted in a state. */
  static final int MOST_CHARACTERS = (1 << 11) - 1;

  private static final StringPlaces PLACES = StringPlaces.CANONICAL;
  private static final int MAX_AT = StringPlaces.BITS;
  private static final int MIN_AT = MAX_AT + 11;
  private static final int NODE_AT = MIN_AT + 11;

  private final Trie names;
  private final int min;
  private final int max;

  /**
   * @param names as JSON has them, without quotes
   */
  OtherKeys(Collection<byte[]> names, int min, int max) {
    if (min > max || max > MOST_CHARACTERS) {
      throw new IllegalArgumentException(min + " to " + max + " characters");
    }
    this.names = new Trie(names.toArray(byte[][]::new));
    this.min = min;
    this.max = max;
  }

  private static long state(int place, int min, int max, long node) {
    return place | (long) max << MAX_AT | (long) min << MIN_AT | node << NODE_AT;
  }

  private static int place(long state) {
    return (int) (state & ((1 << StringPlaces.BITS) - 1));
  }

  @Override
  public int max(long state) {
    return (int) (state >> MAX_AT) & MOST_CHARACTERS;
  }

  @Override
  public int min(long state) {
    return (int) (state >> MIN_AT) & MOST_CHARACTERS;
  }

  /** Beyond the last node where no name agrees any more. */
  int node(long state) {
    return (int) (state >> NODE_AT);
  }

  Trie names() {
    return names;
  }

  boolean isName(int node) {
    return node < names.size() && names.token(node) >= 0;
  }

  @Override
  public StringPlaces places() {
    return PLACES;
  }

  @Override
  public boolean isInside(long state) {
    return place(state) == StringPlaces.NEXT && max(state) > 0;
  }

  @Override
  public long start() {
    return state(StringPlaces.OPEN, min, max, Trie.ROOT);
  }

  @Override
  public long step(long state, int octet) {
    int place = place(state);
    int next = PLACES.next(place, octet);
    if (next < 0) {
      return DEAD;
    }
    if (place == StringPlaces.OPEN) {
      return state - place + next;
    }
    if (next == StringPlaces.END) {
      return min(state) > 0 || isName(node(state)) ? DEAD : StringPlaces.END;
    }
    boolean begins = place == StringPlaces.NEXT;
    if (begins && max(state) == 0) {
      return DEAD;
    }
    int mostLeft = max(state) - (begins ? 1 : 0);
    int leastLeft = Math.max(0, min(state) - (begins ? 1 : 0));
    int node = after(node(state), octet);
    boolean stuck = next == StringPlaces.NEXT && mostLeft == 0 && isName(node);
    return stuck ? DEAD : state(next, leastLeft, mostLeft, node);
  }

  private int after(int node, int octet) {
    int child = node < names.size() ? names.child(node, octet) : -1;
    return child < 0 ? names.size() : child;
  }

  @Override
  public boolean accepts(long state) {
    return place(state) == StringPlaces.END;
  }

  @Override
  public boolean goesOn(long state) {
    return place(state) != StringPlaces.END;
  }

  /** A whole name can't end there: it takes one more token. */
  @Override
  public int cost(long state) {
    return StringLeaf.super.cost(state) + (isName(node(state)) ? 1 : 0);
  }
}
