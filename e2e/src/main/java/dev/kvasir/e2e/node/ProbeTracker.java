package dev.kvasir.e2e.node;

/** What a probe's results in a row amount to, by its thresholds. */
record ProbeTracker(
    int successThreshold, int failureThreshold, int successes, int failures, Verdict verdict) {
  enum Verdict {
    UNKNOWN,
    PASSING,
    FAILING
  }

  static ProbeTracker of(int successThreshold, int failureThreshold) {
    return new ProbeTracker(successThreshold, failureThreshold, 0, 0, Verdict.UNKNOWN);
  }

  ProbeTracker after(boolean success) {
    return success ? counted(successes + 1, 0) : counted(0, failures + 1);
  }

  private ProbeTracker counted(int successesInARow, int failuresInARow) {
    return new ProbeTracker(
        successThreshold,
        failureThreshold,
        successesInARow,
        failuresInARow,
        verdict(successesInARow, failuresInARow));
  }

  private Verdict verdict(int successesInARow, int failuresInARow) {
    if (successesInARow >= successThreshold) {
      return Verdict.PASSING;
    }
    return failuresInARow >= failureThreshold ? Verdict.FAILING : verdict;
  }
}
