package dev.kvasir.runtime.grammar;

/**
 * A JSON string with its quotes, of a number of Unicode characters within bounds, in all of JSON's
 * spellings. A state is a place within a character and how many characters must and may still
 * begin, so that all lengths share one machine.
 */
final class JsonString implements StringLeaf {
  static final int MOST_MIN = (1 << 28) - 1;

  private static final StringPlaces PLACES = StringPlaces.ANY;

  private final int min;
  private final int max;

  JsonString(int min, int max) {
    this.min = Math.min(min, MOST_MIN);
    this.max = Math.min(max, UNLIMITED);
  }

  private static long state(int place, int min, int max) {
    return place | (long) max << 5 | (long) min << 35;
  }

  private static int place(long state) {
    return (int) (state & 31);
  }

  @Override
  public int max(long state) {
    return (int) (state >> 5) & UNLIMITED;
  }

  @Override
  public int min(long state) {
    return (int) (state >> 35);
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
    return state(StringPlaces.OPEN, min, max);
  }

  @Override
  public long step(long state, int octet) {
    int place = place(state);
    int next = PLACES.next(place, octet);
    if (next < 0) {
      return DEAD;
    }
    if (place != StringPlaces.NEXT) {
      return state - place + next;
    }
    if (next == StringPlaces.END) {
      return min(state) > 0 ? DEAD : StringPlaces.END;
    }
    return begin(state, next);
  }

  private long begin(long state, int place) {
    int most = max(state);
    if (most == 0) {
      return DEAD;
    }
    return state(place, Math.max(0, min(state) - 1), most == UNLIMITED ? most : most - 1);
  }

  /** Whether the opening quote has yet to come. */
  static boolean isBefore(long state) {
    return place(state) == StringPlaces.OPEN;
  }

  @Override
  public boolean accepts(long state) {
    return place(state) == StringPlaces.END;
  }

  @Override
  public boolean goesOn(long state) {
    return place(state) != StringPlaces.END;
  }
}
