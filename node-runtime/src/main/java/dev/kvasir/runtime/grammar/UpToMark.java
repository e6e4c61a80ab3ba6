package dev.kvasir.runtime.grammar;

/** Any bytes up to the first place where a mark ends. A state is how much of the mark was seen. */
final class UpToMark implements TextSet {
  private final byte[] mark;

  UpToMark(byte[] mark) {
    if (mark.length == 0) {
      throw new IllegalArgumentException("a mark has no text");
    }
    this.mark = mark;
  }

  @Override
  public Object start() {
    return 0;
  }

  @Override
  public Object after(Object state, int octet) {
    int seen = (Integer) state;
    if (seen == mark.length) {
      return null;
    }
    for (int length = seen; length >= 0; length--) {
      if (isSuffix(seen, length) && (mark[length] & 0xff) == octet) {
        return length + 1;
      }
    }
    return 0;
  }

  /** Whether the mark's first {@code length} bytes end its first {@code seen}. */
  private boolean isSuffix(int seen, int length) {
    return java.util.Arrays.equals(mark, seen - length, seen, mark, 0, length);
  }

  @Override
  public boolean accepts(Object state) {
    return (Integer) state == mark.length;
  }

  @Override
  public void markBoundaries(boolean[] starts) {
    for (byte octet : mark) {
      starts[octet & 0xff] = true;
      starts[Math.min(255, (octet & 0xff) + 1)] = true;
    }
  }
}
