package dev.kvasir.runtime.grammar;

/** The texts that a set does not hold. */
record NotMatching(TextSet set) implements TextSet {
  private enum Left {
    LEFT
  }

  @Override
  public Object start() throws GrammarException {
    return set.start();
  }

  @Override
  public Object after(Object state, int octet) throws GrammarException {
    Object next = state instanceof Left ? null : set.after(state, octet);
    return next == null ? Left.LEFT : next;
  }

  @Override
  public boolean accepts(Object state) {
    return state instanceof Left || !set.accepts(state);
  }

  @Override
  public void markBoundaries(boolean[] starts) {
    set.markBoundaries(starts);
  }
}
