package dev.kvasir.runtime.grammar;

/** One token that has no bytes, such as a marker that a chat format puts before a tool call. */
record SpecialToken(int id) implements Leaf {
  @Override
  public long start() {
    return 0;
  }

  @Override
  public long step(long state, int octet) {
    return DEAD;
  }

  @Override
  public boolean accepts(long state) {
    return false;
  }

  @Override
  public boolean goesOn(long state) {
    return true;
  }

  @Override
  public int cost(long state) {
    return 1;
  }
}
