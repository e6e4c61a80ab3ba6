package dev.kvasir.runtime.bench;

/**
 * What is measured: waves of requests of equal lengths with random prompts, each wave submitted at
 * once and waited for.
 *
 * @param warmUpWaves that run first and are not counted
 */
public record Workload(
    int inputTokens, int outputTokens, int requests, int warmUpWaves, int vocabulary, long seed) {
  private static final int MOST_REQUESTS = 100_000;
  private static final int MOST_WARM_UP_WAVES = 1_000;

  public Workload {
    require(inputTokens >= 1, "--input-len must be at least 1, got " + inputTokens);
    require(outputTokens >= 1, "--output-len must be at least 1, got " + outputTokens);
    require(
        requests >= 1 && requests <= MOST_REQUESTS,
        "--num-prompts must be between 1 and %d, got %d".formatted(MOST_REQUESTS, requests));
    require(
        warmUpWaves >= 0 && warmUpWaves <= MOST_WARM_UP_WAVES,
        "--warmup must be between 0 and %d, got %d".formatted(MOST_WARM_UP_WAVES, warmUpWaves));
  }

  /** Requests are rounded up to whole waves. */
  int waves(int concurrency) {
    return Math.ceilDiv(requests, concurrency);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }
}
