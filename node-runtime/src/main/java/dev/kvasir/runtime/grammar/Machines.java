package dev.kvasir.runtime.grammar;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The automata of one vocabulary by what they accept, shared by all grammars: the same patterns,
 * formats and bounds come again and again. The least lately used ones are dropped. Thread-safe.
 */
final class Machines {
  private static final long MOST_STATES = 200_000;

  private final Vocabulary vocabulary;
  private final Map<Object, Optional<Dfa>> known = new LinkedHashMap<>(64, 0.75f, true);
  private long states;

  Machines(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  /** Makes an automaton. */
  interface Maker {
    Dfa make() throws GrammarException;
  }

  /**
   * The automaton of a key, a value that says all that it depends on; null where nothing is
   * accepted. Its states count for the grammar in any case.
   */
  Dfa get(Object key, Budget budget, Maker maker) throws GrammarException {
    synchronized (known) {
      Optional<Dfa> found = known.get(key);
      if (found != null) {
        budget.spendStates(size(found));
        return found.orElse(null);
      }
    }
    Optional<Dfa> made = Optional.ofNullable(maker.make());
    synchronized (known) {
      remember(key, made);
    }
    return made.orElse(null);
  }

  private void remember(Object key, Optional<Dfa> made) {
    Optional<Dfa> before = known.put(key, made);
    states += size(made) - (before == null ? 0 : size(before));
    var eldest = known.entrySet().iterator();
    while (states > MOST_STATES && known.size() > 1) {
      states -= size(eldest.next().getValue());
      eldest.remove();
    }
  }

  private static int size(Optional<Dfa> machine) {
    return machine.map(Dfa::states).orElse(1);
  }
}
