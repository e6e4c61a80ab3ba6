package dev.kvasir.operator.console;

import com.fasterxml.jackson.annotation.JsonIgnore;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.DecisionStatus;
import dev.kvasir.operator.inferencedeployment.status.Conditions;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.DeploymentView;
import dev.kvasir.operator.telemetry.Member;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

/**
 * A deployment in the console's table.
 *
 * @param phase null before the operator has looked at it
 * @param reason why it is ready or not
 * @param desired null before the operator has looked at it
 * @param unreadable pods that should say of their load and can't be read
 */
record Row(
    String deployment,
    String model,
    String phase,
    String reason,
    String message,
    int ready,
    Integer desired,
    int draining,
    int unreadable,
    Load load,
    List<Concern> concerns,
    @JsonIgnore List<Told> decisions,
    @JsonIgnore DeploymentKey key) {

  /** A decision of the scaler, as the status has it. */
  record Told(
      String deployment,
      String time,
      Integer from,
      Integer to,
      String outcome,
      String signal,
      String sentence) {

    static Told of(DeploymentKey key, DecisionStatus decision) {
      return new Told(
          key.toString(),
          Objects.requireNonNullElse(decision.time(), ""),
          decision.from(),
          decision.to(),
          decision.outcome(),
          decision.signal(),
          Texts.bounded(decision.sentence()));
    }
  }

  Row {
    concerns = List.copyOf(concerns);
    decisions = List.copyOf(decisions);
  }

  /**
   * @param view empty where this operator does not read pods
   */
  static Row of(Member member, Optional<DeploymentView> view) {
    InferenceDeploymentStatus status = member.resource().getStatus();
    return status == null ? unseen(member) : seen(member.key(), status, view);
  }

  private static Row unseen(Member member) {
    String model =
        member.resource().getSpec() == null ? null : member.resource().getSpec().model().name();
    return new Row(
        member.key().toString(),
        Texts.bounded(Objects.requireNonNullElse(model, member.key().name())),
        null,
        null,
        "The operator has not looked at it yet.",
        0,
        null,
        0,
        0,
        Load.UNKNOWN,
        List.of(),
        List.of(),
        member.key());
  }

  private static Row seen(
      DeploymentKey key, InferenceDeploymentStatus status, Optional<DeploymentView> view) {
    Optional<Condition> ready = Conditions.find(status, Conditions.READY);
    Optional<DeploymentView.Pods> pods = view.map(DeploymentView::pods);
    return new Row(
        key.toString(),
        Texts.bounded(Objects.requireNonNullElse(status.model(), key.name())),
        status.phase() == null ? null : status.phase().toString(),
        ready.map(Condition::getReason).orElse(null),
        ready.map(condition -> Texts.bounded(condition.getMessage())).orElse(null),
        Objects.requireNonNullElse(status.readyReplicas(), 0),
        status.desiredReplicas(),
        pods.map(DeploymentView.Pods::draining).orElse(0),
        pods.map(DeploymentView.Pods::unreadable).orElse(0),
        load(status, view),
        Concern.of(status.conditions()),
        decisions(key, status.scaling()),
        key);
  }

  private static Load load(InferenceDeploymentStatus status, Optional<DeploymentView> view) {
    return view.map(Load::of)
        .or(() -> Optional.ofNullable(status.telemetry()).map(Load::of))
        .orElse(Load.UNKNOWN);
  }

  private static List<Told> decisions(DeploymentKey key, ScalingStatus scaling) {
    return scaling == null
        ? List.of()
        : scaling.decisions().stream().map(decision -> Told.of(key, decision)).toList();
  }

  /** Whether something is wrong that won't pass by itself. */
  boolean hasProblem() {
    return concerns.stream().anyMatch(concern -> !concern.passing());
  }

  /** Whether the table shows it under this filter. */
  boolean matches(String filter) {
    String wanted = filter.strip().toLowerCase(Locale.ROOT);
    return contains(deployment, wanted) || contains(model, wanted) || contains(phase, wanted);
  }

  private static boolean contains(String text, String wanted) {
    return text != null && text.toLowerCase(Locale.ROOT).contains(wanted);
  }
}
