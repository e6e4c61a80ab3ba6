package dev.kvasir.operator.telemetry;

import java.util.Map;
import java.util.NavigableMap;
import java.util.OptionalDouble;
import java.util.TreeMap;

/**
 * A histogram as Prometheus counts it.
 *
 * @param counts how many values were at most so large, by the upper bound
 */
public record Histogram(NavigableMap<Double, Double> counts) {
  static final Histogram EMPTY = new Histogram(new TreeMap<>());

  /** The sum over all label sets of a metric; its name without {@code _bucket}. */
  static Histogram of(MetricsText page, String name) {
    NavigableMap<Double, Double> counts = new TreeMap<>();
    for (MetricsText.Sample sample : page.samples(name + "_bucket")) {
      counts.merge(MetricsText.number(sample.labels().get("le")), sample.value(), Double::sum);
    }
    return new Histogram(counts);
  }

  Histogram plus(Histogram other) {
    return combined(other, 1);
  }

  Histogram minus(Histogram earlier) {
    return combined(earlier, -1);
  }

  private Histogram combined(Histogram other, int sign) {
    NavigableMap<Double, Double> sum = new TreeMap<>(counts);
    other.counts.forEach((bound, count) -> sum.merge(bound, sign * count, Double::sum));
    return new Histogram(sum);
  }

  double total() {
    return counts.isEmpty() ? 0 : counts.lastEntry().getValue();
  }

  /** Within the bucket that it falls into, in proportion; empty where nothing was counted. */
  OptionalDouble quantile(double part) {
    double rank = part * total();
    if (!(rank > 0)) {
      return OptionalDouble.empty();
    }
    double lower = 0;
    double below = 0;
    for (Map.Entry<Double, Double> bucket : counts.entrySet()) {
      if (bucket.getValue() >= rank) {
        return OptionalDouble.of(
            bucket.getKey().isInfinite()
                ? lower
                : lower + (bucket.getKey() - lower) * (rank - below) / (bucket.getValue() - below));
      }
      lower = bucket.getKey();
      below = bucket.getValue();
    }
    return OptionalDouble.of(lower);
  }
}
