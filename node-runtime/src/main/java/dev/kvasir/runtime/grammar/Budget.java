package dev.kvasir.runtime.grammar;

/** Bounds the work of compiling one grammar, so that a hostile one ends with an error. */
final class Budget {
  private static final long MOST_WORK = 40_000_000;
  private static final int MOST_STATES = 200_000;

  private long work;
  private int states;

  void spend(long units) throws GrammarException {
    work += units;
    if (work > MOST_WORK) {
      throw new GrammarException(
          "this grammar is too complex: it takes more than "
              + MOST_WORK
              + " operations to compile; bound its repetitions or split it");
    }
  }

  void spendState() throws GrammarException {
    spendStates(1);
  }

  void spendStates(int count) throws GrammarException {
    states += count;
    if (states > MOST_STATES) {
      throw new GrammarException(
          "this grammar is too large: it needs more than "
              + MOST_STATES
              + " states; lower the bounds of its patterns' repetitions and lengths");
    }
  }

  int states() {
    return states;
  }
}
