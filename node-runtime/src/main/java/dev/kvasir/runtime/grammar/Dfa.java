package dev.kvasir.runtime.grammar;

import java.util.Arrays;

/**
 * A deterministic automaton over bytes, trimmed: from every state an end can be reached. Bytes that
 * no state tells apart may share a column of the table.
 */
final class Dfa implements Leaf {
  /** From as many bytes on, a state is worth a mask of its own. */
  private static final int BROAD = 20;

  /** Costs in tokens are worked out for automata up to this size; larger ones count bytes. */
  private static final int MOST_WALKED = 4096;

  private final byte[] columnOf;
  private final int columns;
  private final int[] table;
  private final boolean[] accepting;
  private final int[] costs;
  private final int largestCost;
  private final int[] widths;

  /**
   * @param columnOf by byte
   * @param rows by state and column: a state or -1; the start is 0
   */
  Dfa(int[][] rows, byte[] columnOf, boolean[] accepting, Vocabulary vocabulary) {
    this.accepting = accepting;
    this.columnOf = columnOf;
    this.columns = rows[0].length;
    this.table = new int[rows.length * columns];
    this.widths = new int[rows.length];
    int[] bytesOf = new int[columns];
    for (byte column : columnOf) {
      bytesOf[column & 0xff]++;
    }
    for (int state = 0; state < rows.length; state++) {
      for (int column = 0; column < columns; column++) {
        int next = rows[state][column];
        table[state * columns + column] = next;
        widths[state] += next >= 0 ? bytesOf[column] : 0;
      }
    }
    this.costs = bytesToEnd();
    if (rows.length <= MOST_WALKED) {
      countTokens(vocabulary.trie());
    }
    this.largestCost = Arrays.stream(costs).max().orElse(0);
  }

  /** By breadth-first search from the ends. */
  private int[] bytesToEnd() {
    int[] least = new int[accepting.length];
    for (int state = 0; state < least.length; state++) {
      least[state] = accepting[state] ? 0 : Costs.INFINITE;
    }
    int[][] sources = sources();
    int[] queue = new int[least.length];
    int last = 0;
    for (int state = 0; state < least.length; state++) {
      if (accepting[state]) {
        queue[last++] = state;
      }
    }
    for (int first = 0; first < last; first++) {
      for (int source : sources[queue[first]]) {
        if (least[source] == Costs.INFINITE) {
          least[source] = least[queue[first]] + 1;
          queue[last++] = source;
        }
      }
    }
    return least;
  }

  private int[][] sources() {
    int[] counts = new int[accepting.length];
    for (int next : table) {
      if (next >= 0) {
        counts[next]++;
      }
    }
    int[][] sources = new int[counts.length][];
    for (int state = 0; state < counts.length; state++) {
      sources[state] = new int[counts[state]];
    }
    for (int i = 0; i < table.length; i++) {
      if (table[i] >= 0) {
        sources[table[i]][--counts[table[i]]] = i / columns;
      }
    }
    return sources;
  }

  /** Lowers costs to what tokens of many bytes make possible, nearest to the end first. */
  private void countTokens(Trie trie) {
    Integer[] order = new Integer[costs.length];
    Arrays.setAll(order, state -> state);
    Arrays.sort(order, java.util.Comparator.comparingInt(state -> costs[state]));
    for (int state : order) {
      if (!accepting[state] && !isBroad(state)) {
        costs[state] = Math.min(costs[state], Costs.plus(1, cheapestAfterToken(trie, state)));
      }
    }
  }

  private int cheapestAfterToken(Trie trie, int from) {
    LeafWalk walk = new LeafWalk(this, from, trie);
    int least = Costs.INFINITE;
    while (walk.advance()) {
      if (trie.token(walk.node()) >= 0) {
        least = Math.min(least, costs[(int) walk.state()]);
      }
    }
    return least;
  }

  int states() {
    return accepting.length;
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public long step(long state, int octet) {
    return table[(int) state * columns + (columnOf[octet] & 0xff)];
  }

  @Override
  public boolean accepts(long state) {
    return accepting[(int) state];
  }

  @Override
  public boolean goesOn(long state) {
    return widths[(int) state] > 0;
  }

  @Override
  public int cost(long state) {
    return costs[(int) state];
  }

  @Override
  public int largestCost(long state) {
    return largestCost;
  }

  @Override
  public boolean isBroad(long state) {
    return widths[(int) state] >= BROAD;
  }

  @Override
  public long canonical(long state, int longestToken) {
    return state;
  }

  @Override
  public Object family() {
    return this;
  }
}
