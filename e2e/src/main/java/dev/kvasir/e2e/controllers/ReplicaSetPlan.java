package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatus;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetStatusBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What a ReplicaSet lacks or has too much of, and what it is like now. */
record ReplicaSetPlan(
    int create, List<Pod> delete, ReplicaSetStatus status, Optional<Duration> lookAgainIn) {

  static ReplicaSetPlan of(ReplicaSet set, List<Pod> controlled, Instant now) {
    List<Pod> active = controlled.stream().filter(PodFacts::isActive).toList();
    int wanted = orElse(set.getSpec().getReplicas(), 1);
    boolean deleted = set.getMetadata().getDeletionTimestamp() != null;
    int missing = deleted ? 0 : wanted - active.size();
    return new ReplicaSetPlan(
        Math.max(0, missing),
        PodDeletionOrder.first(active, Math.max(0, -missing)),
        status(set, active, now),
        nextAvailable(set, active, now));
  }

  private static ReplicaSetStatus status(ReplicaSet set, List<Pod> active, Instant now) {
    int minReady = orElse(set.getSpec().getMinReadySeconds(), 0);
    return new ReplicaSetStatusBuilder()
        .withReplicas(active.size())
        .withFullyLabeledReplicas(active.size())
        .withReadyReplicas((int) active.stream().filter(PodFacts::isReady).count())
        .withAvailableReplicas(
            (int) active.stream().filter(pod -> isAvailable(pod, minReady, now)).count())
        .withObservedGeneration(set.getMetadata().getGeneration())
        .build();
  }

  private static boolean isAvailable(Pod pod, int minReady, Instant now) {
    return PodFacts.untilAvailable(pod, minReady, now).map(Duration::isZero).orElse(false);
  }

  private static Optional<Duration> nextAvailable(ReplicaSet set, List<Pod> active, Instant now) {
    int minReady = orElse(set.getSpec().getMinReadySeconds(), 0);
    return active.stream()
        .flatMap(pod -> PodFacts.untilAvailable(pod, minReady, now).stream())
        .filter(left -> !left.isZero())
        .min(Duration::compareTo);
  }

  private static int orElse(Integer value, int fallback) {
    return value == null ? fallback : value;
  }
}
