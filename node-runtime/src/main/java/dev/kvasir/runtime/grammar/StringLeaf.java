package dev.kvasir.runtime.grammar;

/** A JSON string whose states hold how many characters must and may still begin. */
sealed interface StringLeaf extends Leaf permits JsonString, OtherKeys {
  int UNLIMITED = (1 << 30) - 1;

  /** Of long plain strings; a token has about as many. */
  int CHARACTERS_PER_TOKEN = 4;

  StringPlaces places();

  /** Whether a state is between two characters and more may come. */
  boolean isInside(long state);

  int min(long state);

  int max(long state);

  /** About how many tokens it takes to the end from between two characters. */
  static int costInside(int min) {
    return (min + CHARACTERS_PER_TOKEN - 1) / CHARACTERS_PER_TOKEN + 1;
  }

  @Override
  default int cost(long state) {
    int place = (int) (state & ((1 << StringPlaces.BITS) - 1));
    return place == StringPlaces.END ? 0 : StringPlaces.pending(place) + costInside(min(state));
  }
}
