package dev.kvasir.runtime.grammar;

import java.nio.IntBuffer;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/** The texts that match a regular expression. Their states are sets of an automaton's states. */
final class PatternSet implements TextSet {
  private final Budget budget;
  private final int start;

  /** After it any text may follow, or -1. */
  private final int anything;

  private final int[][] edges;
  private final int[][] free;
  private final int[][] atBeginning;
  private final boolean[] canEnd;
  private final int[] marks;
  private int mark;

  private final Map<IntBuffer, States> known = new HashMap<>();

  /** Which states an automaton can be in, and what it can be in next: one object for each. */
  private static final class States {
    private static final States NONE = new States(new int[0], false);

    private final int[] all;
    private final boolean accepts;
    private final States[] next = new States[256];

    States(int[] all, boolean accepts) {
      this.all = all;
      this.accepts = accepts;
    }
  }

  private PatternSet(Nfa nfa, int start, int end, int anything, Budget budget) {
    this.budget = budget;
    this.start = start;
    this.anything = anything;
    int n = nfa.size();
    this.edges = new int[n][];
    this.free = new int[n][];
    this.atBeginning = new int[n][];
    this.marks = new int[n];
    for (int state = 0; state < n; state++) {
      edges[state] = nfa.edges(state);
      free[state] = nfa.free(state);
      atBeginning[state] = nfa.atBeginning(state);
    }
    this.canEnd = canEnd(nfa, end);
  }

  /** The texts that match from their beginning to their end. */
  static PatternSet whole(Regex regex, Encoding encoding, Budget budget) throws GrammarException {
    Nfa nfa = new Nfa(encoding, budget);
    int start = nfa.newState();
    int end = nfa.add(regex, start);
    return new PatternSet(nfa, start, end, -1, budget);
  }

  /** The texts in which the expression is found somewhere. */
  static PatternSet somewhere(Regex regex, Encoding encoding, Budget budget)
      throws GrammarException {
    Regex any = new Regex.Repeated(new Regex.Characters(CodePoints.ALL), 0, Regex.UNBOUNDED);
    Nfa nfa = new Nfa(encoding, budget);
    int start = nfa.newState();
    int matched = nfa.add(regex, nfa.add(any, start));
    int end = nfa.add(any, matched);
    return new PatternSet(nfa, start, end, end, budget);
  }

  private static boolean[] canEnd(Nfa nfa, int end) {
    IntList[] sources = new IntList[nfa.size()];
    Arrays.setAll(sources, i -> new IntList());
    for (int state = 0; state < nfa.size(); state++) {
      for (int target : nfa.free(state)) {
        sources[target].add(state);
      }
      for (int target : nfa.atEnding(state)) {
        sources[target].add(state);
      }
    }
    boolean[] can = new boolean[nfa.size()];
    IntList queue = new IntList();
    queue.add(end);
    can[end] = true;
    for (int i = 0; i < queue.size(); i++) {
      for (int source : sources[queue.get(i)].toArray()) {
        if (!can[source]) {
          can[source] = true;
          queue.add(source);
        }
      }
    }
    return can;
  }

  @Override
  public Object start() throws GrammarException {
    IntList seeds = new IntList();
    seeds.add(start);
    return closed(seeds, true);
  }

  @Override
  public Object after(Object state, int octet) throws GrammarException {
    States from = (States) state;
    States next = from.next[octet];
    if (next == null) {
      next = step(from, octet);
      from.next[octet] = next;
    }
    return next == States.NONE ? null : next;
  }

  private States step(States from, int octet) throws GrammarException {
    IntList seeds = new IntList();
    for (int one : from.all) {
      int[] out = edges[one];
      budget.spend(1 + out.length / 3);
      for (int i = 0; i < out.length; i += 3) {
        if (octet >= out[i] && octet <= out[i + 1]) {
          seeds.add(out[i + 2]);
        }
      }
    }
    return seeds.size() == 0 ? States.NONE : closed(seeds, false);
  }

  /** The states that can be reached without a byte. */
  private States closed(IntList seeds, boolean beginning) throws GrammarException {
    mark++;
    IntList reached = new IntList();
    for (int i = 0; i < seeds.size(); i++) {
      reach(seeds.get(i), reached);
    }
    for (int i = 0; i < reached.size(); i++) {
      int state = reached.get(i);
      budget.spend(1 + free[state].length);
      for (int target : free[state]) {
        reach(target, reached);
      }
      if (beginning) {
        for (int target : atBeginning[state]) {
          reach(target, reached);
        }
      }
    }
    if (anything >= 0 && marks[anything] == mark) {
      return known(new int[] {anything});
    }
    int[] all = reached.toArray();
    Arrays.sort(all);
    return known(all);
  }

  private States known(int[] all) throws GrammarException {
    States states = known.get(IntBuffer.wrap(all));
    if (states == null) {
      budget.spendState();
      boolean accepts = Arrays.stream(all).anyMatch(one -> canEnd[one]);
      states = new States(all, accepts);
      known.put(IntBuffer.wrap(all), states);
    }
    return states;
  }

  private void reach(int state, IntList reached) {
    if (marks[state] != mark) {
      marks[state] = mark;
      reached.add(state);
    }
  }

  @Override
  public boolean accepts(Object state) {
    return ((States) state).accepts;
  }

  @Override
  public void markBoundaries(boolean[] starts) {
    for (int[] out : edges) {
      for (int i = 0; i < out.length; i += 3) {
        starts[out[i]] = true;
        starts[Math.min(255, out[i + 1] + 1)] = true;
      }
    }
  }
}
