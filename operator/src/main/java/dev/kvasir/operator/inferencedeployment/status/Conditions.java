package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ConditionBuilder;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/** Makes conditions that remember when their status last changed. */
public final class Conditions {
  public static final String READY = "Ready";
  public static final String AVAILABLE = "Available";
  public static final String PROGRESSING = "Progressing";
  public static final String MODEL_READY = "ModelReady";
  public static final String SPEC_VALID = "SpecValid";
  public static final String SCALING_ACTIVE = "ScalingActive";
  public static final String DRAINING = "Draining";

  private final InferenceDeploymentStatus before;
  private final long generation;
  private final String now;

  Conditions(InferenceDeploymentStatus before, long generation, Instant now) {
    this.before = before;
    this.generation = generation;
    this.now = now.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** A condition of a status that may not be there yet. */
  public static Optional<Condition> find(InferenceDeploymentStatus status, String type) {
    List<Condition> conditions = status == null ? List.of() : status.conditions();
    return conditions.stream().filter(each -> type.equals(each.getType())).findFirst();
  }

  Condition isTrue(String type, Reason reason, String message) {
    return condition(type, "True", reason, message);
  }

  Condition isFalse(String type, Reason reason, String message) {
    return condition(type, "False", reason, message);
  }

  Condition isUnknown(String type, Reason reason, String message) {
    return condition(type, "Unknown", reason, message);
  }

  private Condition condition(String type, String status, Reason reason, String message) {
    return new ConditionBuilder()
        .withType(type)
        .withStatus(status)
        .withReason(reason.toString())
        .withMessage(message)
        .withObservedGeneration(generation)
        .withLastTransitionTime(since(type, status))
        .build();
  }

  private String since(String type, String status) {
    return find(before, type)
        .filter(condition -> status.equals(condition.getStatus()))
        .map(Condition::getLastTransitionTime)
        .orElse(now);
  }
}
