package dev.kvasir.e2e.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/** Knative's pod autoscaler on concurrency: a minute's mean, six seconds' in a panic. */
final class Knative implements Autoscaler {
  private static final double STABLE = 60;
  private static final double PANIC = 6;
  private static final double PANIC_RATIO = 2;

  private final double target;
  private final int min;
  private final int max;
  private final Deque<double[]> samples = new ArrayDeque<>();
  private double panicUntil;
  private int panicReplicas;

  Knative(double target, int min, int max) {
    this.target = target;
    this.min = min;
    this.max = max;
  }

  @Override
  public double interval() {
    return 2;
  }

  @Override
  public int desired(Fleet fleet, double now) {
    samples.add(new double[] {now, fleet.active()});
    samples.removeIf(sample -> sample[0] < now - STABLE);
    int current = fleet.wantedReplicas().size();
    double stable = Math.ceil(mean(now - STABLE) / target);
    double panic = Math.ceil(mean(now - PANIC) / target);
    if (panic >= PANIC_RATIO * Math.max(1, current)) {
      if (now >= panicUntil) {
        panicReplicas = 0;
      }
      panicUntil = now + STABLE;
    }
    double wanted = stable;
    if (now < panicUntil) {
      panicReplicas = (int) Math.max(Math.max(panicReplicas, current), panic);
      wanted = panicReplicas;
    }
    // The slowest shrink is by half.
    return (int) Math.clamp(Math.max(wanted, Math.floor(current / 2.0)), min, (double) max);
  }

  private double mean(double since) {
    return samples.stream()
        .filter(sample -> sample[0] >= since)
        .mapToDouble(sample -> sample[1])
        .average()
        .orElse(0);
  }
}
