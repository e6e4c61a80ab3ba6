package dev.kvasir.e2e.simulation;

import java.util.ArrayDeque;
import java.util.Deque;

/** KubeAI: the mean of active requests over ten minutes, by a target; down after three asks. */
final class KubeAi implements Autoscaler {
  private static final int SAMPLES = 60;
  private static final int ASKS_TO_SCALE_DOWN = 3;

  private final double target;
  private final int min;
  private final int max;
  private final Deque<Double> window = new ArrayDeque<>();
  private int asksForFewer;

  KubeAi(double target, int min, int max) {
    this.target = target;
    this.min = min;
    this.max = max;
    for (int i = 0; i < SAMPLES; i++) {
      window.add(0.0);
    }
  }

  @Override
  public double interval() {
    return 10;
  }

  @Override
  public int desired(Fleet fleet, double now) {
    window.removeFirst();
    window.addLast((double) fleet.active());
    double mean = window.stream().mapToDouble(Double::doubleValue).average().orElse(0);
    int current = fleet.wantedReplicas().size();
    int desired = (int) Math.clamp(Math.ceil(mean / target), min, (double) max);
    if (current == 0 && fleet.held() > 0) {
      return Math.max(1, desired);
    }
    asksForFewer = desired < current ? asksForFewer + 1 : 0;
    return desired < current && asksForFewer < ASKS_TO_SCALE_DOWN ? current : desired;
  }
}
