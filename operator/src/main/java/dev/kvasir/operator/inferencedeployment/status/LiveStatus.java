package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.api.v1alpha1.CapacityStatus;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.DecisionStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.InputsStatus;
import dev.kvasir.api.v1alpha1.StreamsStatus;
import dev.kvasir.api.v1alpha1.TelemetryStatus;
import dev.kvasir.operator.inferencedeployment.Death;
import dev.kvasir.operator.inferencedeployment.Live;
import dev.kvasir.operator.scaling.DecisionLog;
import dev.kvasir.operator.scaling.Recommendation;
import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.telemetry.DeploymentView;
import dev.kvasir.operator.telemetry.Figures;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The parts of a status that come from telemetry. Before the first round after a start they are
 * what they were.
 */
record LiveStatus(Optional<InferenceDeploymentStatus> before, Live live, boolean scales) {

  TelemetryStatus telemetry() {
    return live.telemetry()
        .map(view -> view.published().telemetry())
        .or(() -> before.map(InferenceDeploymentStatus::telemetry))
        .orElse(null);
  }

  CapacityStatus capacity() {
    return live.telemetry()
        .map(view -> view.published().capacity())
        .or(() -> before.map(InferenceDeploymentStatus::capacity))
        .orElse(null);
  }

  List<AcceleratorStatus> accelerators() {
    return live.telemetry()
        .map(view -> view.published().accelerators())
        .or(() -> before.map(InferenceDeploymentStatus::accelerators))
        .orElse(List.of());
  }

  ScalingStatus scaling() {
    Optional<ScalingStatus> earlier = before.map(InferenceDeploymentStatus::scaling);
    if (!scales) {
      return null;
    }
    return live.telemetry()
        .flatMap(view -> view.scaling().map(track -> scaling(view, track, earlier)))
        .or(() -> earlier)
        .orElse(null);
  }

  private static ScalingStatus scaling(
      DeploymentView view, ScalingTrack track, Optional<ScalingStatus> earlier) {
    List<DecisionStatus> decisions =
        decisions(track.log(), earlier.map(ScalingStatus::decisions).orElse(List.of()));
    return new ScalingStatus(
        track.desired(),
        decisions.isEmpty() ? null : decisions.getFirst().sentence(),
        decisions,
        view.published().state().orElse(null));
  }

  /** Those of an operator before stay behind the newer ones. */
  private static List<DecisionStatus> decisions(DecisionLog log, List<DecisionStatus> earlier) {
    List<DecisionStatus> all =
        new ArrayList<>(log.decisions().stream().map(LiveStatus::decision).toList());
    earlier.stream().filter(decision -> !all.contains(decision)).forEach(all::add);
    return all.subList(0, Math.min(DecisionLog.KEPT, all.size()));
  }

  private static DecisionStatus decision(ScalingDecision decision) {
    Recommendation.Inputs inputs = decision.recommendation().inputs();
    return new DecisionStatus(
        text(decision.at()),
        decision.from(),
        decision.desired(),
        word(decision.outcome()),
        word(decision.recommendation().deciding()),
        decision.sentence(),
        new InputsStatus(
            (int) inputs.waitingRequests(),
            (int) inputs.waitingPromptTokens(),
            (int) inputs.kvTokens(),
            (int) inputs.promptTokensPerSecond(),
            (int) inputs.outputTokensPerSecond(),
            Figures.status(inputs.capacity())));
  }

  StreamsStatus streams() {
    Optional<StreamsStatus> earlier = before.map(InferenceDeploymentStatus::streams);
    long dropped = earlier.map(StreamsStatus::dropped).orElse(0L);
    String until = earlier.map(StreamsStatus::countedUntil).orElse(null);
    String newest = until;
    for (Death death : live.deaths()) {
      String at = text(death.at());
      if (!isCounted(death, until)) {
        dropped += death.dropped();
        newest = newest == null || at.compareTo(newest) > 0 ? at : newest;
      }
    }
    return new StreamsStatus(dropped, newest);
  }

  /** An operator before has counted it. */
  static boolean isCounted(Death death, String until) {
    return death.early() && until != null && text(death.at()).compareTo(until) <= 0;
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  /** HELD_BY_STALE_TELEMETRY is HeldByStaleTelemetry. */
  static String word(Enum<?> constant) {
    return Arrays.stream(constant.name().split("_"))
        .filter(part -> !Objects.equals(part, ""))
        .map(part -> part.charAt(0) + part.substring(1).toLowerCase(Locale.ROOT))
        .collect(Collectors.joining());
  }
}
