package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.operator.inferencedeployment.plan.Planner.PodsNow;
import dev.kvasir.operator.inferencedeployment.plan.PodFacts;
import dev.kvasir.operator.inferencedeployment.plan.WantedReplicas;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import dev.kvasir.operator.scaling.ScalingTrack;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalInt;

/** What a plan needs to know of pods and of decisions about their number. */
final class PodsSeen {
  private PodsSeen() {}

  static PodsNow pods(ObservedState observed, Instant now) {
    return new PodsNow(
        observed.livePods().stream().map(pod -> facts(pod, observed.live())).toList(), now);
  }

  private static PodFacts facts(PodState pod, Live live) {
    String uid = pod.pod().getMetadata().getUid();
    return new PodFacts(
        pod.pod(),
        pod.isStarted(),
        pod.isReady(),
        pod.withoutRoomSince(),
        pod.drainingSince(),
        live.drained().contains(uid),
        live.work(uid));
  }

  static WantedReplicas wanted(ObservedState observed) {
    Optional<InferenceDeploymentStatus> status =
        Optional.ofNullable(observed.resource().getStatus());
    Optional<Integer> decided =
        observed
            .live()
            .telemetry()
            .flatMap(view -> view.scaling())
            .map(ScalingTrack::desired)
            .or(() ->
                status.map(InferenceDeploymentStatus::scaling).map(scaling -> scaling.desired()));
    return new WantedReplicas(
        optional(decided), optional(status.map(InferenceDeploymentStatus::desiredReplicas)));
  }

  private static OptionalInt optional(Optional<Integer> value) {
    return value.map(OptionalInt::of).orElseGet(OptionalInt::empty);
  }
}
