package dev.kvasir.e2e.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.ToDoubleFunction;

/**
 * Kubernetes' HPA on a mean over the serving pods: 15 s, tolerance 10 %, at most twice or four more
 * pods a look, five minutes' largest recommendation on the way down. KEDA is the same with its own
 * metric and pace.
 */
final class HorizontalPodAutoscaler implements Autoscaler {
  private static final double TOLERANCE = 0.1;
  private static final double STABILIZATION = 300;

  private final double interval;
  private final double target;
  private final int min;
  private final int max;
  private final ToDoubleFunction<SimulatedReplica> metric;
  private final Deque<double[]> recommendations = new ArrayDeque<>();

  HorizontalPodAutoscaler(
      double interval, double target, int min, int max, ToDoubleFunction<SimulatedReplica> metric) {
    this.interval = interval;
    this.target = target;
    this.min = Math.max(1, min);
    this.max = max;
    this.metric = metric;
  }

  @Override
  public double interval() {
    return interval;
  }

  @Override
  public int desired(Fleet fleet, double now) {
    int current = fleet.wantedReplicas().size();
    int wanted = (int) Math.clamp(wanted(fleet, current, now), min, (double) max);
    recommendations.add(new double[] {now, wanted});
    recommendations.removeIf(entry -> entry[0] < now - STABILIZATION);
    if (wanted >= current) {
      return Math.min(wanted, Math.max(2 * current, current + 4));
    }
    double largest = recommendations.stream().mapToDouble(entry -> entry[1]).max().orElse(wanted);
    return Math.min(current, (int) largest);
  }

  private double wanted(Fleet fleet, int current, double now) {
    double mean =
        fleet.replicas().stream()
            .filter(replica -> replica.serves(now))
            .mapToDouble(metric)
            .average()
            .orElse(0);
    double ratio = mean / target;
    return Math.abs(ratio - 1) <= TOLERANCE ? current : Math.ceil(current * ratio);
  }
}
