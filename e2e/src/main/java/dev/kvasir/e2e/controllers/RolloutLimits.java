package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentStrategy;

/** How far a rollout may stray from the wanted number of pods, in pods. */
record RolloutLimits(int maxSurge, int maxUnavailable) {
  private static final IntOrString QUARTER = new IntOrString("25%");

  static RolloutLimits of(Deployment deployment, int replicas) {
    DeploymentStrategy strategy = deployment.getSpec().getStrategy();
    var rolling = strategy == null ? null : strategy.getRollingUpdate();
    int surge = pods(rolling == null ? null : rolling.getMaxSurge(), replicas, true);
    int unavailable = pods(rolling == null ? null : rolling.getMaxUnavailable(), replicas, false);
    boolean stuck = surge == 0 && unavailable == 0;
    return new RolloutLimits(surge, stuck ? 1 : Math.min(unavailable, replicas));
  }

  /** Percentages of surge round up, those of unavailability down. */
  private static int pods(IntOrString given, int replicas, boolean roundUp) {
    IntOrString value = given == null ? QUARTER : given;
    if (value.getIntVal() != null) {
      return value.getIntVal();
    }
    double exact = Integer.parseInt(value.getStrVal().replace("%", "")) * replicas / 100.0;
    return (int) (roundUp ? Math.ceil(exact) : Math.floor(exact));
  }
}
