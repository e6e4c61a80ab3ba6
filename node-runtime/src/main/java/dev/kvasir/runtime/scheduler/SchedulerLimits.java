package dev.kvasir.runtime.scheduler;

/**
 * The bounds of scheduling.
 *
 * @param maxTokensPerStep token budget of a step
 * @param maxSampledRows rows of logits that a step has room for
 */
public record SchedulerLimits(int maxTokensPerStep, int maxRunning, int maxSampledRows) {
  public SchedulerLimits(int maxTokensPerStep, int maxRunning) {
    this(maxTokensPerStep, maxRunning, maxRunning);
  }

  public SchedulerLimits {
    if (maxTokensPerStep < 1 || maxRunning < 1) {
      throw new IllegalArgumentException(
          "token budget and running sequences must be at least 1, got %d and %d"
              .formatted(maxTokensPerStep, maxRunning));
    }
  }
}
