package dev.kvasir.runtime.bench;

import java.util.Arrays;

/** Median, 90th and 99th percentile in milliseconds (the nearest rank); NaN of nothing. */
public record Percentiles(double p50, double p90, double p99) {

  static Percentiles ofNanos(long[] nanos) {
    long[] sorted = nanos.clone();
    Arrays.sort(sorted);
    return new Percentiles(rank(sorted, 0.5), rank(sorted, 0.9), rank(sorted, 0.99));
  }

  private static double rank(long[] sorted, double share) {
    if (sorted.length == 0) {
      return Double.NaN;
    }
    int rank = (int) Math.ceil(share * sorted.length);
    return sorted[Math.max(0, rank - 1)] / 1e6;
  }
}
