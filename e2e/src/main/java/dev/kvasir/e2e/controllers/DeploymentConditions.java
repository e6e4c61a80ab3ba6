package dev.kvasir.e2e.controllers;

import io.fabric8.kubernetes.api.model.apps.DeploymentCondition;
import io.fabric8.kubernetes.api.model.apps.DeploymentConditionBuilder;
import io.fabric8.kubernetes.api.model.apps.DeploymentStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The conditions Available and Progressing of a Deployment, with Kubernetes' reasons and words. */
record DeploymentConditions(DeploymentStatus previous, Instant now) {

  Optional<DeploymentCondition> previous(String type) {
    List<DeploymentCondition> conditions = previous == null ? List.of() : previous.getConditions();
    return conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
  }

  DeploymentCondition available(int available, int minimum) {
    return available >= minimum
        ? condition(
            "Available",
            "True",
            "MinimumReplicasAvailable",
            "Deployment has minimum availability.",
            false)
        : condition(
            "Available",
            "False",
            "MinimumReplicasUnavailable",
            "Deployment does not have minimum availability.",
            false);
  }

  /** {@code moved}: the counts changed since the last status, so the deadline starts anew. */
  DeploymentCondition progressing(
      String newSet, boolean complete, boolean moved, Duration deadline) {
    String subject = "ReplicaSet \"" + newSet + "\" ";
    if (complete) {
      return condition(
          "Progressing",
          "True",
          "NewReplicaSetAvailable",
          subject + "has successfully progressed.",
          moved);
    }
    if (!moved && isOverdue(deadline)) {
      return condition(
          "Progressing",
          "False",
          "ProgressDeadlineExceeded",
          subject + "has timed out progressing.",
          false);
    }
    return condition(
        "Progressing", "True", "ReplicaSetUpdated", subject + "is progressing.", moved);
  }

  /**
   * When a rollout that is under way is overdue; empty where it is complete, or said to be late.
   */
  static Optional<Instant> overdueAt(DeploymentStatus status, Duration deadline) {
    return status.getConditions().stream()
        .filter(c -> c.getType().equals("Progressing") && c.getReason().equals("ReplicaSetUpdated"))
        .map(c -> Instant.parse(c.getLastUpdateTime()).plus(deadline))
        .findAny();
  }

  private boolean isOverdue(Duration deadline) {
    return previous("Progressing")
        .filter(c -> !"NewReplicaSetAvailable".equals(c.getReason()))
        .map(c ->
            "ProgressDeadlineExceeded".equals(c.getReason())
                || Instant.parse(c.getLastUpdateTime()).plus(deadline).isBefore(now))
        .orElse(false);
  }

  private DeploymentCondition condition(
      String type, String status, String reason, String message, boolean touched) {
    Optional<DeploymentCondition> before = previous(type);
    boolean sameStatus = before.map(c -> c.getStatus().equals(status)).orElse(false);
    boolean same =
        sameStatus
            && before
                .map(c ->
                    Objects.equals(c.getReason(), reason)
                        && Objects.equals(c.getMessage(), message))
                .orElse(false);
    String time = now.truncatedTo(ChronoUnit.SECONDS).toString();
    return new DeploymentConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason)
        .withMessage(message)
        .withLastTransitionTime(sameStatus ? before.get().getLastTransitionTime() : time)
        .withLastUpdateTime(same && !touched ? before.get().getLastUpdateTime() : time)
        .build();
  }
}
