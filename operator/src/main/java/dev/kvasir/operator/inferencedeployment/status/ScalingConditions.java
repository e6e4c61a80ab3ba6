package dev.kvasir.operator.inferencedeployment.status;

import static dev.kvasir.operator.inferencedeployment.status.Conditions.DRAINING;
import static dev.kvasir.operator.inferencedeployment.status.Conditions.SCALING_ACTIVE;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.ScalingMode;
import dev.kvasir.operator.inferencedeployment.Live;
import dev.kvasir.operator.inferencedeployment.plan.Decisions;
import dev.kvasir.operator.telemetry.DeploymentView;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.Optional;

/** The conditions that speak of how the number of pods comes about. */
record ScalingConditions(Facts facts, Conditions conditions) {

  /** The first of these that holds is the one to know. */
  Condition scalingActive() {
    return notActive()
        .or(this::twoWriters)
        .or(this::impaired)
        .or(this::replicasIgnored)
        .orElseGet(() -> active(Reason.FOLLOWS_LOAD, "The number of pods follows the load."));
  }

  private Optional<Condition> notActive() {
    Optional<InferenceDeploymentSpec> spec = Optional.ofNullable(facts.resource().getSpec());
    if (spec.map(InferenceDeploymentSpec::scaling).isEmpty()) {
      return Optional.of(
          inactive(
              Reason.SCALING_ABSENT,
              "spec.scaling is absent: spec.replicas says how many pods are wanted."));
    }
    if (spec.get().scaling().mode() == ScalingMode.ADVISORY) {
      return Optional.of(
          inactive(
              Reason.ADVISORY,
              "spec.scaling.mode is Advisory: decisions are recorded, and the number of pods stays"
                  + " as it is."));
    }
    if (live().telemetry().isEmpty()) {
      return Optional.of(
          conditions.isUnknown(
              SCALING_ACTIVE, Reason.TELEMETRY_PENDING, "The pods have not been read yet."));
    }
    return live()
        .telemetry()
        .map(DeploymentView::pods)
        .filter(pods -> pods.unreadable() > 0 && pods.unreadable() >= pods.serving())
        .map(pods ->
            inactive(
                Reason.TELEMETRY_MISSING,
                "No pod that should say of its load can be read; the number of pods is not"
                    + " lowered."));
  }

  private Optional<Condition> twoWriters() {
    return live()
        .rival()
        .map(other ->
            active(
                Reason.TWO_WRITERS,
                other
                    + " sets the replicas of the Deployment too, and they are set back: only"
                    + " kvasir-operator may; remove the other autoscaler, or spec.scaling."));
  }

  private Optional<Condition> impaired() {
    DeploymentView view = live().telemetry().orElseThrow();
    if (view.pods().unreadable() > 0) {
      return Optional.of(
          active(
              Reason.TELEMETRY_INCOMPLETE,
              "At least one pod can't be read; until it can be, the number of pods is not"
                  + " lowered."));
    }
    if (view.pods().unschedulable() > 0) {
      return Optional.of(
          active(
              Reason.UNSCHEDULABLE,
              "No node takes a pod that was asked for; if that lasts, no more are asked for."));
    }
    return view.zeroIsOne()
        ? Optional.of(
            active(
                Reason.NO_HOLDER,
                "minReplicas 0 counts as 1: the operator knows of no gateway that would hold"
                    + " requests meanwhile (KVASIR_TELEMETRY_HOLDERS)."))
        : Optional.empty();
  }

  private Optional<Condition> replicasIgnored() {
    return Decisions.otherWriterOfReplicas(facts.resource())
        .map(other ->
            active(
                Reason.REPLICAS_IGNORED,
                "The number of pods follows the load; spec.replicas, which "
                    + other
                    + " sets, is ignored."));
  }

  Condition draining() {
    return facts.draining() > 0
        ? conditions.isTrue(
            DRAINING,
            Reason.SCALING_DOWN,
            "Fewer pods are wanted; those that go finish their requests first.")
        : conditions.isFalse(DRAINING, Reason.NOTHING_DRAINS, "No pod is on its way out.");
  }

  private Live live() {
    return facts.known();
  }

  private Condition active(Reason reason, String message) {
    return conditions.isTrue(SCALING_ACTIVE, reason, message);
  }

  private Condition inactive(Reason reason, String message) {
    return conditions.isFalse(SCALING_ACTIVE, reason, message);
  }
}
