package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.operator.inferencedeployment.ApplyFailure;
import dev.kvasir.operator.inferencedeployment.plan.Decision;
import dev.kvasir.operator.kube.EventReason;
import io.fabric8.kubernetes.api.model.Condition;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What a status says that the one before did not: the Events, and nothing twice. */
public final class StatusNews {
  private static final Map<String, EventReason> OBSTACLES =
      Map.of(
          Reason.INVALID.toString(), EventReason.SPEC_INVALID,
          Reason.REFUSED_BY_API_SERVER.toString(), EventReason.SPEC_INVALID,
          Reason.SECRET_NOT_FOUND.toString(), EventReason.REFERENCE_MISSING,
          Reason.SECRET_KEY_NOT_FOUND.toString(), EventReason.REFERENCE_MISSING,
          Reason.APPLY_FAILED.toString(), EventReason.APPLY_FAILED);

  private StatusNews() {}

  public static List<Decision> between(
      InferenceDeploymentStatus before, InferenceDeploymentStatus after) {
    List<Decision> news = new ArrayList<>();
    changed(before, after, Conditions.PROGRESSING)
        .flatMap(StatusNews::obstacle)
        .ifPresent(news::add);
    changed(before, after, Conditions.READY)
        .filter(ready -> ready.getReason().equals(Reason.ALL_REPLICAS_SERVE.toString()))
        .map(ready -> new Decision(EventReason.READY, ready.getMessage()))
        .ifPresent(news::add);
    news.addAll(ScalingNews.between(before, after));
    return news;
  }

  /** The refusal that a status speaks of, where it speaks of this generation. */
  public static Optional<ApplyFailure> failure(InferenceDeploymentStatus status, Long generation) {
    return Conditions.find(status, Conditions.PROGRESSING)
        .filter(condition -> Objects.equals(condition.getObservedGeneration(), generation))
        .flatMap(StatusNews::failure);
  }

  private static Optional<ApplyFailure> failure(Condition condition) {
    boolean invalid = condition.getReason().equals(Reason.REFUSED_BY_API_SERVER.toString());
    return invalid || condition.getReason().equals(Reason.APPLY_FAILED.toString())
        ? Optional.of(new ApplyFailure(invalid, condition.getMessage()))
        : Optional.empty();
  }

  private static Optional<Decision> obstacle(Condition progressing) {
    String reason = progressing.getReason();
    if (progressing.getStatus().equals("True") || reason.equals(Reason.SETTLED.toString())) {
      return Optional.empty();
    }
    EventReason event = OBSTACLES.getOrDefault(reason, EventReason.PODS_FAILING);
    String message = progressing.getMessage();
    return Optional.of(
        new Decision(event, event == EventReason.PODS_FAILING ? reason + ": " + message : message));
  }

  private static Optional<Condition> changed(
      InferenceDeploymentStatus before, InferenceDeploymentStatus after, String type) {
    Optional<Condition> old = Conditions.find(before, type);
    return Conditions.find(after, type)
        .filter(now -> old.isEmpty() || !saysTheSame(old.get(), now));
  }

  private static boolean saysTheSame(Condition old, Condition now) {
    return old.getStatus().equals(now.getStatus())
        && old.getReason().equals(now.getReason())
        && old.getMessage().equals(now.getMessage());
  }
}
