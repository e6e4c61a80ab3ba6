package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatus;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetStatusBuilder;
import java.util.List;

/** How many of a budget's pods may be disrupted now. */
final class DisruptionBudgetPlan {
  private DisruptionBudgetPlan() {}

  /**
   * {@code expected} is what the pods' controllers want; {@code matching} are the pods that are not
   * finished.
   */
  static PodDisruptionBudgetStatus status(
      PodDisruptionBudget budget, int expected, List<Pod> matching) {
    int healthy =
        (int)
            matching.stream()
                .filter(pod -> PodFacts.isActive(pod) && PodFacts.isReady(pod))
                .count();
    int desired = desiredHealthy(budget, expected);
    return new PodDisruptionBudgetStatusBuilder()
        .withExpectedPods(expected)
        .withCurrentHealthy(healthy)
        .withDesiredHealthy(desired)
        .withDisruptionsAllowed(Math.max(0, healthy - desired))
        .withObservedGeneration(budget.getMetadata().getGeneration())
        .build();
  }

  /** Percentages round up, as Kubernetes has it for both fields. */
  private static int desiredHealthy(PodDisruptionBudget budget, int expected) {
    if (budget.getSpec().getMaxUnavailable() != null) {
      return Math.max(0, expected - pods(budget.getSpec().getMaxUnavailable(), expected));
    }
    IntOrString minimum = budget.getSpec().getMinAvailable();
    return minimum == null ? expected : pods(minimum, expected);
  }

  private static int pods(IntOrString value, int expected) {
    if (value.getIntVal() != null) {
      return value.getIntVal();
    }
    return (int) Math.ceil(Integer.parseInt(value.getStrVal().replace("%", "")) * expected / 100.0);
  }
}
