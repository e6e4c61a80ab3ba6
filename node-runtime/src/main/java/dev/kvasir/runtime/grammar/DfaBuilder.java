package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Makes an automaton out of what its states mean: values with a step function. States that can't
 * come to an end are left out.
 */
final class DfaBuilder<S> {
  /** The state after a byte, or null. */
  interface Step<S> {
    S after(S state, int octet) throws GrammarException;
  }

  private final Step<S> step;
  private final Predicate<S> accepts;
  private final Budget budget;
  private final byte[] classOf = new byte[256];
  private final int[] firstOf;
  private final Map<S, Integer> numbers = new HashMap<>();
  private final List<S> states = new ArrayList<>();
  private final List<int[]> rows = new ArrayList<>();

  /**
   * @param classOf bytes of the same class lead to the same state from everywhere
   */
  DfaBuilder(Step<S> step, Predicate<S> accepts, int[] classOf, Budget budget) {
    this.step = step;
    this.accepts = accepts;
    this.budget = budget;
    this.firstOf = new int[Arrays.stream(classOf).max().orElse(0) + 1];
    for (int octet = 255; octet >= 0; octet--) {
      this.classOf[octet] = (byte) classOf[octet];
      firstOf[classOf[octet]] = octet;
    }
  }

  /** Null where the language is empty. */
  Dfa build(S start, Vocabulary vocabulary) throws GrammarException {
    number(start);
    for (int i = 0; i < states.size(); i++) {
      rows.add(row(states.get(i)));
    }
    return trimmed(vocabulary);
  }

  private int number(S state) throws GrammarException {
    Integer known = numbers.get(state);
    if (known != null) {
      return known;
    }
    budget.spendState();
    numbers.put(state, states.size());
    states.add(state);
    return states.size() - 1;
  }

  private int[] row(S state) throws GrammarException {
    int[] row = new int[firstOf.length];
    for (int of = 0; of < row.length; of++) {
      S next = step.after(state, firstOf[of]);
      row[of] = next == null ? -1 : number(next);
    }
    budget.spend(row.length);
    return row;
  }

  private Dfa trimmed(Vocabulary vocabulary) {
    boolean[] alive = alive();
    if (!alive[0]) {
      return null;
    }
    int[] renumbered = new int[alive.length];
    int count = 0;
    for (int state = 0; state < alive.length; state++) {
      renumbered[state] = alive[state] ? count++ : -1;
    }
    int[][] kept = new int[count][];
    boolean[] accepting = new boolean[count];
    for (int state = 0; state < alive.length; state++) {
      if (alive[state]) {
        int[] row = rows.get(state);
        for (int of = 0; of < row.length; of++) {
          row[of] = row[of] < 0 ? -1 : renumbered[row[of]];
        }
        kept[renumbered[state]] = row;
        accepting[renumbered[state]] = accepts.test(states.get(state));
      }
    }
    return new Dfa(kept, classOf, accepting, vocabulary);
  }

  private boolean[] alive() {
    List<List<Integer>> sources = new ArrayList<>();
    for (int state = 0; state < rows.size(); state++) {
      sources.add(new ArrayList<>());
    }
    for (int state = 0; state < rows.size(); state++) {
      int last = -1;
      for (int next : rows.get(state)) {
        if (next >= 0 && next != last) {
          sources.get(next).add(state);
          last = next;
        }
      }
    }
    boolean[] alive = new boolean[rows.size()];
    List<Integer> queue = new ArrayList<>();
    for (int state = 0; state < alive.length; state++) {
      if (accepts.test(states.get(state))) {
        alive[state] = true;
        queue.add(state);
      }
    }
    for (int i = 0; i < queue.size(); i++) {
      for (int source : sources.get(queue.get(i))) {
        if (!alive[source]) {
          alive[source] = true;
          queue.add(source);
        }
      }
    }
    return alive;
  }
}
