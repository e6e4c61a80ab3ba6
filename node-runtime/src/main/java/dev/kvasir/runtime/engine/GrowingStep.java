package dev.kvasir.runtime.engine;

import java.util.Arrays;

/**
 * Finds how long a step takes at the largest size that may be tried: grows while steps stay short,
 * then repeats the last size. It only says what to run next and is told how long that took.
 */
final class GrowingStep {
  /** No step may keep a request that arrives waiting for longer, as far as can be foreseen. */
  static final long MOST_STEP_NANOS = 100_000_000L;

  private static final int REPEATS = 3;

  private final int most;
  private final long budgetNanos;
  private final long[] times = new long[REPEATS];
  private int count;
  private boolean ran;
  private int size;
  private long spent;
  private Point point;
  private Point before;

  /** How long a step of a size takes. */
  record Point(int size, double nanos) {
    double perSecond() {
      return size * 1e9 / nanos;
    }
  }

  /**
   * @param first the size to begin with
   * @param most the size that is wanted
   * @param budgetNanos that all steps together may take
   */
  GrowingStep(int first, int most, long budgetNanos) {
    this.most = most;
    this.size = Math.min(first, most);
    this.budgetNanos = budgetNanos;
  }

  int size() {
    return size;
  }

  /** Empty-handed before. */
  boolean isDone() {
    return point != null;
  }

  /** Of the largest size that was tried. */
  Point point() {
    return point;
  }

  boolean reachedMost() {
    return point.size() == most;
  }

  /** A step of the current size has run. The first of a size may compile, record or allocate. */
  void took(long nanos) {
    spent += nanos;
    boolean another = spent + nanos <= budgetNanos;
    if (!ran && another) {
      ran = true;
      return;
    }
    times[count++] = nanos;
    int larger = larger(nanos);
    if (larger > size) {
      before = new Point(size, nanos);
      size = larger;
      count = 0;
      ran = false;
    } else if (count == REPEATS || !another) {
      point = new Point(size, median());
    }
  }

  /** Four times as much, or twice; the same where neither may be tried. */
  private int larger(long nanos) {
    for (int factor = 4; factor > 1; factor /= 2) {
      int larger = Math.min(factor * size, most);
      if (mayTake(nanos * larger / size)) {
        return larger;
      }
    }
    return size;
  }

  /** Twice: a size's first step does not count. */
  private boolean mayTake(long nanos) {
    return nanos <= MOST_STEP_NANOS && spent + 2 * nanos <= budgetNanos;
  }

  private double median() {
    Arrays.sort(times, 0, count);
    return times[count / 2];
  }

  /** How long a step of the wanted size would take if its time grew on as between the last two. */
  double nanosAtMost() {
    if (before == null) {
      return point.nanos() * most / point.size();
    }
    double perRow = Math.max(0, point.nanos() - before.nanos()) / (point.size() - before.size());
    return point.nanos() + perRow * (most - point.size());
  }
}
