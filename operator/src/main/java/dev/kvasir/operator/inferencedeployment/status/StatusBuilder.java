package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.operator.inferencedeployment.ApplyFailure;
import dev.kvasir.operator.inferencedeployment.ObservedState;
import dev.kvasir.operator.inferencedeployment.Resolution;
import dev.kvasir.operator.inferencedeployment.Resolution.MissingReference;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState.Workload;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** Concludes the status from what was seen and what is wanted. Pure. */
public final class StatusBuilder {
  private final Facts facts;

  /** What is in the way of the newest spec; empty while it makes its way, and once it is there. */
  private final Optional<Problem> obstacle;

  private StatusBuilder(Facts facts) {
    this.facts = facts;
    this.obstacle = obstacle(facts);
  }

  public static InferenceDeploymentStatus build(
      ObservedState observed,
      Resolution resolution,
      DesiredState desired,
      Optional<ApplyFailure> failure,
      Instant now) {
    Facts facts = Facts.of(observed, resolution, desired, failure);
    return new StatusBuilder(facts).build(now);
  }

  private InferenceDeploymentStatus build(Instant now) {
    ObjectMeta metadata = facts.resource().getMetadata();
    Conditions conditions = new Conditions(facts.resource().getStatus(), facts.generation(), now);
    ScalingConditions scaling = new ScalingConditions(facts, conditions);
    List<Condition> all =
        List.of(
            ready(conditions),
            available(conditions),
            progressing(conditions),
            modelReady(conditions),
            specValid(conditions),
            scaling.scalingActive(),
            scaling.draining());
    LiveStatus live =
        new LiveStatus(
            Optional.ofNullable(facts.resource().getStatus()), facts.known(), facts.scales());
    return new InferenceDeploymentStatus(
        facts.generation(),
        phase(),
        facts.servedName(),
        Names.endpoint(metadata.getNamespace(), metadata.getName()),
        facts.quantization(),
        facts.live().size(),
        facts.serving(),
        facts.workload().map(Workload::replicas).orElse(null),
        Names.selectorText(metadata.getName()),
        live.telemetry(),
        live.capacity(),
        live.accelerators(),
        live.scaling(),
        live.streams(),
        all);
  }

  private static Optional<Problem> obstacle(Facts facts) {
    if (!facts.resolution().specProblems().isEmpty()) {
      return Optional.of(
          new Problem(Reason.INVALID, String.join("; ", facts.resolution().specProblems()), true));
    }
    if (!facts.resolution().missing().isEmpty()) {
      MissingReference missing = facts.resolution().missing().getFirst();
      return Optional.of(new Problem(missing.reason(), missing.message(), false));
    }
    return facts
        .failure()
        .map(StatusBuilder::refused)
        .or(() -> facts.isReady() ? Optional.empty() : facts.problem());
  }

  private static Problem refused(ApplyFailure failure) {
    return new Problem(
        failure.invalid() ? Reason.REFUSED_BY_API_SERVER : Reason.APPLY_FAILED,
        failure.message(),
        failure.invalid());
  }

  private Condition ready(Conditions conditions) {
    if (facts.isReady()) {
      return facts.isScaledToZero()
          ? conditions.isTrue(Conditions.READY, Reason.SCALED_TO_ZERO, "No pods are wanted.")
          : conditions.isTrue(
              Conditions.READY,
              Reason.ALL_REPLICAS_SERVE,
              "All wanted pods serve the newest spec.");
    }
    return obstacle
        .map(problem -> conditions.isFalse(Conditions.READY, problem.reason(), problem.message()))
        .orElseGet(() ->
            conditions.isFalse(
                Conditions.READY,
                Reason.ROLLING_OUT,
                "Not all wanted pods serve the newest spec yet."));
  }

  private Condition available(Conditions conditions) {
    if (facts.serving() > 0) {
      return conditions.isTrue(
          Conditions.AVAILABLE, Reason.SOME_REPLICAS_SERVE, "At least one pod serves.");
    }
    return facts.isScaledToZero()
        ? conditions.isFalse(Conditions.AVAILABLE, Reason.SCALED_TO_ZERO, "No pods are wanted.")
        : conditions.isFalse(Conditions.AVAILABLE, Reason.NO_REPLICA_SERVES, "No pod serves.");
  }

  private Condition progressing(Conditions conditions) {
    if (facts.isReady()) {
      return conditions.isFalse(
          Conditions.PROGRESSING, Reason.SETTLED, "What is wanted is what is there.");
    }
    return obstacle
        .map(problem ->
            conditions.isFalse(Conditions.PROGRESSING, problem.reason(), problem.message()))
        .orElseGet(() ->
            conditions.isTrue(
                Conditions.PROGRESSING,
                Reason.ROLLING_OUT,
                "Pods are on their way to what is wanted."));
  }

  private Condition modelReady(Conditions conditions) {
    if (facts.isModelLoaded()) {
      return conditions.isTrue(
          Conditions.MODEL_READY, Reason.LOADED, "A pod has loaded the model and serves it.");
    }
    return facts
        .problem()
        .filter(problem -> problem.reason() == Reason.CRASH_LOOP_BACK_OFF)
        .map(problem ->
            conditions.isFalse(Conditions.MODEL_READY, Reason.LOAD_FAILED, problem.message()))
        .orElseGet(() ->
            conditions.isUnknown(
                Conditions.MODEL_READY, Reason.NOT_LOADED, "No pod has loaded the model yet."));
  }

  private Condition specValid(Conditions conditions) {
    return obstacle
        .filter(problem ->
            problem.reason() == Reason.INVALID || problem.reason() == Reason.REFUSED_BY_API_SERVER)
        .map(problem -> conditions.isFalse(Conditions.SPEC_VALID, problem.reason(), keeps(problem)))
        .orElseGet(
            () -> conditions.isTrue(Conditions.SPEC_VALID, Reason.VALID, "The spec is valid."));
  }

  private String keeps(Problem problem) {
    return facts.deployment().isPresent()
        ? problem.message() + ". The last valid spec stays in effect."
        : problem.message();
  }

  private Phase phase() {
    boolean stuck = obstacle.filter(Problem::lasting).isPresent();
    if (facts.isReady()) {
      return facts.isScaledToZero() ? Phase.IDLE : Phase.READY;
    }
    if (facts.serving() > 0) {
      return Phase.DEGRADED;
    }
    if (stuck) {
      return Phase.FAILED;
    }
    return facts.isAnyRunning() ? Phase.LOADING : Phase.PENDING;
  }
}
