package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.operator.kube.EventReason;
import dev.kvasir.operator.rollout.SpecChange;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntry;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** Says what a plan changes about the Deployment that runs. */
public final class Decisions {
  private Decisions() {}

  static List<Decision> of(
      InferenceDeploymentSpec spec, Revision revision, int replicas, Planner.Input input) {
    if (input.running().isEmpty()) {
      return List.of(new Decision(EventReason.CREATED, "Starting " + pods(replicas)));
    }
    Deployment running = input.running().get();
    List<Decision> decisions = new ArrayList<>();
    scaled(replicas, running).ifPresent(decisions::add);
    replaced(spec, revision, running, input.history()).ifPresent(decisions::add);
    return decisions;
  }

  private static Optional<Decision> scaled(int replicas, Deployment running) {
    Integer now = running.getSpec().getReplicas();
    if (Objects.equals(now, replicas)) {
      return Optional.empty();
    }
    Optional<String> other = otherWriterOfReplicas(running);
    if (other.isPresent()) {
      return Optional.of(
          new Decision(
              EventReason.REPLICAS_OVERRIDDEN,
              "%s set the Deployment to %s; it is set back to %d: scale the InferenceDeployment"
                  .formatted(other.get(), now, replicas)));
    }
    return Optional.of(
        new Decision(EventReason.SCALED, "Scaling from " + now + " to " + pods(replicas)));
  }

  private static Optional<Decision> replaced(
      InferenceDeploymentSpec spec,
      Revision revision,
      Deployment running,
      RevisionHistory history) {
    if (isOf(running, revision.hash())) {
      return Optional.empty();
    }
    String because =
        history
            .current()
            .map(before -> SpecChange.between(before.spec(), spec).because())
            .filter(text -> !text.isEmpty())
            .orElse("they are not of the newest spec");
    return Optional.of(new Decision(EventReason.REPLACING_PODS, "Replacing all pods: " + because));
  }

  /** Said once: when the Deployment that runs does not allow it yet. */
  static Optional<Decision> makesRoom(RolloutBounds bounds, Optional<Deployment> running) {
    return running
        .filter(there -> bounds.makesRoom())
        .map(there -> there.getSpec().getStrategy())
        .filter(strategy -> RolloutBounds.isNone(strategy.getRollingUpdate().getMaxUnavailable()))
        .map(strategy ->
            new Decision(
                EventReason.MAKING_ROOM,
                "No node has room for a new pod beside the old ones: an old one goes first"));
  }

  static boolean isOf(Deployment running, String revision) {
    Map<String, String> labels = running.getSpec().getTemplate().getMetadata().getLabels();
    return labels != null && revision.equals(labels.get(Names.REVISION));
  }

  /** Who else sets spec.replicas of a Deployment or of an InferenceDeployment. */
  public static Optional<String> otherWriterOfReplicas(HasMetadata object) {
    return object.getMetadata().getManagedFields().stream()
        .filter(entry -> !Names.FIELD_MANAGER.equals(entry.getManager()))
        .filter(Decisions::ownsReplicas)
        .map(ManagedFieldsEntry::getManager)
        .findFirst();
  }

  private static boolean ownsReplicas(ManagedFieldsEntry entry) {
    return entry.getFieldsV1() != null
        && entry.getFieldsV1().getAdditionalProperties().get("f:spec") instanceof Map<?, ?> spec
        && spec.containsKey("f:replicas");
  }

  private static String pods(int count) {
    return count == 1 ? "1 pod" : count + " pods";
  }
}
