package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.DecisionStatus;
import dev.kvasir.api.v1alpha1.StreamsStatus;
import dev.kvasir.operator.inferencedeployment.plan.Decision;
import dev.kvasir.operator.kube.EventReason;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** The scaler's decisions, and streams that were cut, as Events. */
final class ScalingNews {
  private ScalingNews() {}

  static List<Decision> between(InferenceDeploymentStatus before, InferenceDeploymentStatus after) {
    List<Decision> news = new ArrayList<>();
    List<DecisionStatus> old = decisions(before);
    decisions(after).reversed().stream()
        .filter(decision -> !old.contains(decision))
        .map(decision -> new Decision(reason(decision), decision.sentence()))
        .forEach(news::add);
    long cut = dropped(after) - dropped(before);
    if (cut > 0) {
      news.add(
          new Decision(
              EventReason.STREAMS_DROPPED,
              "%d streams were cut by pods that ended before they were done".formatted(cut)));
    }
    return news;
  }

  private static EventReason reason(DecisionStatus decision) {
    Outcome outcome =
        Arrays.stream(Outcome.values())
            .filter(each -> LiveStatus.word(each).equals(decision.outcome()))
            .findFirst()
            .orElseThrow();
    return switch (outcome) {
      case UP -> EventReason.SCALING_UP;
      case DOWN, TO_ZERO -> EventReason.SCALING_DOWN;
      case STEADY, WAITING_FOR_WINDOW, WAITING_FOR_IDLE -> EventReason.SCALING_STEADY;
      case HELD_BY_STALE_TELEMETRY, HELD_BY_UNSCHEDULABLE, AT_MAXIMUM -> EventReason.SCALING_HELD;
    };
  }

  private static List<DecisionStatus> decisions(InferenceDeploymentStatus status) {
    return Optional.ofNullable(status)
        .map(InferenceDeploymentStatus::scaling)
        .map(ScalingStatus::decisions)
        .orElse(List.of());
  }

  private static long dropped(InferenceDeploymentStatus status) {
    return Optional.ofNullable(status)
        .map(InferenceDeploymentStatus::streams)
        .map(StreamsStatus::dropped)
        .orElse(0L);
  }
}
