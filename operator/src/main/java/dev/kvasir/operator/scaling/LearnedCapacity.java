package dev.kvasir.operator.scaling;

import java.util.Map;
import java.util.TreeMap;

/**
 * How much more or less than its benchmark a replica does under load, by the length of its
 * contexts. At saturation the shares of prompts and output add up to one replica; what they add up
 * to instead is the factor. Only saturated replicas teach: below that a rate is what was asked.
 *
 * @param factors by the power of two of the mean context
 */
public record LearnedCapacity(Map<Integer, Double> factors) {
  /** How far one reading moves a factor. */
  private static final double STEP = 0.2;

  private static final double LEAST = 0.05;
  private static final double MOST = 20;
  private static final double DIGITS = 10_000;

  public LearnedCapacity {
    factors = Map.copyOf(factors);
  }

  public static LearnedCapacity nothing() {
    return new LearnedCapacity(Map.of());
  }

  static int bucket(double meanContext) {
    return 31 - Integer.numberOfLeadingZeros((int) Math.clamp(meanContext, 1, 1 << 24));
  }

  /** Takes in one replica's reading. */
  LearnedCapacity with(ReplicaLoad load, Capacity benchmark) {
    if (load.running() == 0 || !benchmark.knowsRates()) {
      return this;
    }
    double seen = benchmark.share(load.saturatedPromptRate(), load.saturatedOutputRate());
    if (!(seen > 0) || Double.isInfinite(seen)) {
      return this;
    }
    int bucket = bucket(load.meanContext());
    double known = factor(bucket);
    double moved = rounded(Math.clamp(known + STEP * (seen - known), LEAST, MOST));
    Map<Integer, Double> next = new TreeMap<>(factors);
    next.put(bucket, moved);
    return new LearnedCapacity(next);
  }

  /** So that what a status remembers is what was known. */
  private static double rounded(double factor) {
    return Math.round(factor * DIGITS) / DIGITS;
  }

  /** Of the nearest bucket that is known; 1 where none is. */
  double factor(int bucket) {
    return factors.entrySet().stream()
        .min(
            java.util.Comparator.<Map.Entry<Integer, Double>>comparingInt(
                    entry -> Math.abs(entry.getKey() - bucket))
                .thenComparing(Map.Entry::getKey))
        .map(Map.Entry::getValue)
        .orElse(1.0);
  }

  Capacity applyTo(Capacity benchmark, double meanContext) {
    if (factors.isEmpty() || benchmark.source() != Capacity.Source.BENCHMARK) {
      return benchmark;
    }
    double factor = factor(bucket(meanContext));
    return new Capacity(
        benchmark.promptTokensPerSecond() * factor,
        benchmark.outputTokensPerSecond() * factor,
        benchmark.kvTokens(),
        Capacity.Source.LEARNED);
  }
}
