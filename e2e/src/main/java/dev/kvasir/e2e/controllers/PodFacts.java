package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** What controllers ask about a pod. */
final class PodFacts {
  private PodFacts() {}

  /** Neither finished nor on its way out. */
  static boolean isActive(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null && !isFinished(pod);
  }

  static boolean isFinished(Pod pod) {
    String phase = phase(pod);
    return phase.equals("Succeeded") || phase.equals("Failed");
  }

  static String phase(Pod pod) {
    boolean known = pod.getStatus() != null && pod.getStatus().getPhase() != null;
    return known ? pod.getStatus().getPhase() : "Pending";
  }

  static boolean isReady(Pod pod) {
    return readySince(pod).isPresent();
  }

  static Optional<Instant> readySince(Pod pod) {
    if (pod.getStatus() == null) {
      return Optional.empty();
    }
    return pod.getStatus().getConditions().stream()
        .filter(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()))
        .map(PodFacts::transition)
        .findFirst();
  }

  private static Instant transition(PodCondition condition) {
    String time = condition.getLastTransitionTime();
    return time == null ? Instant.EPOCH : Instant.parse(time);
  }

  /** How long until the pod counts as available; empty while it isn't ready. */
  static Optional<Duration> untilAvailable(Pod pod, int minReadySeconds, Instant now) {
    return readySince(pod)
        .map(since -> Duration.between(now, since.plusSeconds(minReadySeconds)))
        .map(left -> left.isNegative() || minReadySeconds == 0 ? Duration.ZERO : left);
  }

  static int restarts(Pod pod) {
    return pod.getStatus() == null
        ? 0
        : pod.getStatus().getContainerStatuses().stream()
            .mapToInt(c -> c.getRestartCount())
            .max()
            .orElse(0);
  }
}
