package dev.kvasir.runtime.grammar;

/**
 * A machine over bytes that accepts one terminal of a grammar. Its states are numbers; machines are
 * immutable and shared by all who read with them.
 */
sealed interface Leaf permits Literal, Dfa, StringLeaf, SpecialToken {
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
}
