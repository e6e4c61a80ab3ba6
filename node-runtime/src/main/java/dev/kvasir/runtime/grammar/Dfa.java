package dev.kvasir.runtime.grammar;

import java.util.Arrays;

/**
 * A deterministic automaton over bytes, trimmed: from every state an end can be reached. Bytes that
 * no state tells apart may share a column of the table.
 */
final class Dfa implements Leaf {
  /** From as many bytes on, tokens are of no help in getting to the end. */
  private static final int WIDE = 20;

  /** Nodes of a vocabulary's trie. */
  private static final int HEAVY = 1024;

  private static final int MOST_COUNTED_NODES = 512;

  private static final long SEED = new java.security.SecureRandom().nextLong();

  /** Costs in tokens are worked out for automata up to this size; larger ones count bytes. */
  private static final int MOST_WALKED = 4096;

  private final byte[] columnOf;
  private final int columns;
  private final int[] table;
  private final boolean[] accepting;
  private final int[] costs;
  private final int largestCost;
  private final int[] widths;

  /** By state: nodes of the vocabulary's trie below the bytes that it takes. */
  private final int[] nodes;

  /** Where bytes of another column begin, and that column. */
  private final int[] runStarts;

  private final int[] runColumns;
  private final Likeness[] likenesses;

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
    this.nodes = new int[rows.length];
    this.likenesses = new Likeness[rows.length];
    int[] bytesOf = new int[columns];
    int[] nodesOf = new int[columns];
    for (int octet = 0; octet < 256; octet++) {
      bytesOf[columnOf[octet] & 0xff]++;
      nodesOf[columnOf[octet] & 0xff] += vocabulary.trie().nodesBelow(octet);
    }
    for (int state = 0; state < rows.length; state++) {
      for (int column = 0; column < columns; column++) {
        int next = rows[state][column];
        table[state * columns + column] = next;
        widths[state] += next >= 0 ? bytesOf[column] : 0;
        nodes[state] += next >= 0 ? nodesOf[column] : 0;
      }
    }
    IntList starts = new IntList();
    for (int octet = 0; octet < 256; octet++) {
      if (octet == 0 || columnOf[octet] != columnOf[octet - 1]) {
        starts.add(octet);
      }
    }
    this.runStarts = starts.toArray();
    this.runColumns = Arrays.stream(runStarts).map(octet -> columnOf[octet] & 0xff).toArray();
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
      if (!accepting[state] && widths[state] < WIDE) {
        costs[state] = Math.min(costs[state], Costs.plus(1, cheapestAfterToken(trie, state)));
      }
    }
  }

  /** Looks at a bounded number of tokens: any of them gives a bound. */
  private int cheapestAfterToken(Trie trie, int from) {
    LeafWalk walk = new LeafWalk(this, from, trie);
    int least = Costs.INFINITE;
    for (int seen = 0; seen < MOST_COUNTED_NODES && walk.advance(); seen++) {
      int state = (int) walk.state();
      if (trie.token(walk.node()) >= 0) {
        least = Math.min(least, costs[state]);
      }
      if (widths[state] >= WIDE) {
        walk.skipBelow();
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

  int largestCost() {
    return largestCost;
  }

  /** Whether so many tokens may fit that finding them is worth remembering. */
  boolean isHeavy(long state) {
    return nodes[(int) state] >= HEAVY;
  }

  /** Adds the tokens that fit from a state, and where it may end within one. */
  void collect(int from, Trie trie, long[] tokens, IntList exits) {
    int[] states = new int[trie.most() + 1];
    states[0] = from;
    for (int node = 1; node < trie.size(); ) {
      int depth = trie.depth(node);
      int state = table[states[depth - 1] * columns + (columnOf[trie.label(node)] & 0xff)];
      if (state < 0) {
        node = trie.end(node);
        continue;
      }
      states[depth] = state;
      for (int id = trie.token(node); id >= 0; id = trie.twin(id)) {
        tokens[id >> 6] |= 1L << id;
      }
      if (accepting[state] && trie.hasChildren(node)) {
        exits.add(node);
      }
      node++;
    }
  }

  /** What states of different automata share that take the same texts, by a hash. */
  record Likeness(long first, long second) {}

  /** States that take the same texts of so many bytes are alike, as far as they can be told. */
  Likeness likeness(int state, int bytes) {
    Likeness known = likenesses[state];
    if (known == null) {
      known = new LikenessReader(state).read(bytes);
      likenesses[state] = known;
    }
    return known;
  }

  /** Describes what can be reached from a state, with states numbered as they come. */
  private final class LikenessReader {
    private final int[] numbers = new int[accepting.length];
    private final int[] queue = new int[accepting.length];
    private int count;
    private long first = SEED;
    private long second = ~SEED;

    LikenessReader(int from) {
      Arrays.fill(numbers, -1);
      number(from);
    }

    private int number(int state) {
      if (state >= 0 && numbers[state] < 0) {
        numbers[state] = count;
        queue[count++] = state;
      }
      return state < 0 ? -1 : numbers[state];
    }

    Likeness read(int bytes) {
      int done = 0;
      for (int level = 0; level <= bytes && done < count; level++) {
        for (int end = count; done < end; done++) {
          add(queue[done]);
        }
      }
      return new Likeness(first, second);
    }

    private void add(int state) {
      mix(accepting[state] ? -2 : -3);
      int before = Integer.MIN_VALUE;
      for (int run = 0; run < runStarts.length; run++) {
        int target = number(table[state * columns + runColumns[run]]);
        if (target != before) {
          mix(runStarts[run]);
          mix(target);
          before = target;
        }
      }
    }

    private void mix(int value) {
      first = (first ^ value) * 0x9E3779B97F4A7C15L;
      first ^= first >>> 29;
      second = (second + value) * 0xC2B2AE3D27D4EB4FL;
      second ^= second >>> 31;
    }
  }
}
