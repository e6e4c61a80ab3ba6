package dev.kvasir.runtime.grammar;

/** Every text. */
record AnyBytes() implements TextSet {
  @Override
  public Object start() {
    return this;
  }

  @Override
  public Object after(Object state, int octet) {
    return this;
  }

  @Override
  public boolean accepts(Object state) {
    return true;
  }

  @Override
  public void markBoundaries(boolean[] starts) {
    // No byte differs from another.
  }
}
