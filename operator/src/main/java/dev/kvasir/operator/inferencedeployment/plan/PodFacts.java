package dev.kvasir.operator.inferencedeployment.plan;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A pod that is there and stays until something is done to it.
 *
 * @param started clients may have streams there
 * @param ready it takes requests, as far as it says
 * @param withoutRoomSince since when no node has room for it; empty where one has
 * @param drainingSince empty where it was not told to drain
 * @param drained it has said that nothing is left of its work
 * @param work requests in it; infinite where that is not known
 */
public record PodFacts(
    Pod pod,
    boolean started,
    boolean ready,
    Optional<Instant> withoutRoomSince,
    Optional<Instant> drainingSince,
    boolean drained,
    double work) {

  boolean isDraining() {
    return drainingSince.isPresent();
  }

  /** Nothing is lost with it, or it has had its time. */
  boolean mayGo(Instant now, Duration longest) {
    return !started
        || (isDraining() && (drained || !drainingSince.get().plus(longest).isAfter(now)));
  }

  /** A ReplicaSet would see that this one goes first. */
  boolean isMarkedToLeave() {
    return Objects.equals(annotation(Names.DELETION_COST), PodAction.cost(PodAction.Kind.LEAVE));
  }

  boolean isOf(String revision) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels != null && revision.equals(labels.get(Names.REVISION));
  }

  String name() {
    return pod.getMetadata().getName();
  }

  private String annotation(String name) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(name);
  }
}
