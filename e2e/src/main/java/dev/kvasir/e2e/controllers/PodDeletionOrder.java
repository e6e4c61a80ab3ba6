package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Which pods a ReplicaSet gives up first: those that serve least, then the cheapest, then the
 * youngest.
 */
final class PodDeletionOrder {
  static final String COST = "controller.kubernetes.io/pod-deletion-cost";

  private static final List<String> PHASES = List.of("Pending", "Unknown", "Running");

  private static final Comparator<Pod> ORDER =
      Comparator.comparing((Pod pod) -> pod.getSpec().getNodeName() != null)
          .thenComparingInt(pod -> PHASES.indexOf(PodFacts.phase(pod)))
          .thenComparing(PodFacts::isReady)
          .thenComparingInt(PodDeletionOrder::cost)
          .thenComparing(
              pod -> PodFacts.readySince(pod).orElse(Instant.EPOCH), Comparator.reverseOrder())
          .thenComparing(PodFacts::restarts, Comparator.reverseOrder())
          .thenComparing(PodDeletionOrder::created, Comparator.reverseOrder());

  private PodDeletionOrder() {}

  static List<Pod> first(List<Pod> pods, int count) {
    return pods.stream().sorted(ORDER).limit(count).toList();
  }

  /** A cost that is no number counts as 0; the API server refuses such a cost anyway. */
  static int cost(Pod pod) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    try {
      return annotations == null ? 0 : Integer.parseInt(annotations.getOrDefault(COST, "0"));
    } catch (NumberFormatException e) {
      return 0;
    }
  }

  private static Instant created(Pod pod) {
    String time = pod.getMetadata().getCreationTimestamp();
    return time == null ? Instant.EPOCH : Instant.parse(time);
  }
}
