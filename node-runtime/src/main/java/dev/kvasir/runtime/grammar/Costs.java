package dev.kvasir.runtime.grammar;

/** Counts of tokens that may be beyond all bounds. */
final class Costs {
  static final int INFINITE = 1 << 29;

  private Costs() {}

  static int plus(int a, int b) {
    return Math.min(INFINITE, a + b);
  }

  static int times(int a, int n) {
    return (int) Math.min(INFINITE, (long) a * n);
  }
}
