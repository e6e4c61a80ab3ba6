package dev.kvasir.runtime.grammar;

/**
 * A machine over bytes that accepts one terminal of a grammar. Its states are numbers; machines are
 * immutable and shared by all who read with them.
 */
sealed interface Leaf permits Literal, Dfa, JsonString, SpecialToken {
  /** The state after a byte that can't come. */
  long DEAD = -1;

  long start();

  long step(long state, int octet);

  /** Whether the terminal may end here. */
  boolean accepts(long state);

  /** Whether any byte can follow. */
  boolean goesOn(long state);

  /** About how many tokens the shortest way to an end takes; 0 where it may end. */
  int cost(long state);

  /** No token leads from this state to one of a higher cost. */
  int largestCost(long state);

  /** Whether so many bytes can follow that the tokens which fit are worth remembering. */
  boolean isBroad(long state);

  /** A state that takes the same tokens, equal for as many states as possible. */
  long canonical(long state, int longestToken);

  /** Machines of the same family take the same tokens in equal canonical states. */
  Object family();
}
