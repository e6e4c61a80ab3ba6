package dev.kvasir.operator.telemetry;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.api.v1alpha1.CapacityStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.StateStatus;
import dev.kvasir.api.v1alpha1.TelemetryStatus;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.ScalingTrack;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What telemetry knows of one deployment after a round.
 *
 * @param scaling how its scaling goes; empty where spec.scaling is absent
 * @param work requests in each pod that could be read lately, by the pod's uid
 * @param pods how many there are of each kind
 * @param lastRead when the oldest of the pods' readings was taken; the round's time without pods
 * @param zeroIsOne minReplicas is 0, and nobody would hold requests
 * @param published what the status may say; it changes seldom
 */
public record DeploymentView(
    Instant at,
    Figures figures,
    Capacity capacity,
    Optional<ScalingTrack> scaling,
    Map<String, Double> work,
    Pods pods,
    Instant lastRead,
    boolean zeroIsOne,
    Published published) {

  /** Pods by kind: what the Deployment asks for, and what is there. */
  public record Pods(
      int wanted, int serving, int starting, int draining, int unreadable, int unschedulable) {}

  /** What goes into the status as it is. */
  public record Published(
      Instant at,
      TelemetryStatus telemetry,
      CapacityStatus capacity,
      List<AcceleratorStatus> accelerators,
      Optional<StateStatus> state) {}

  public DeploymentView {
    work = Map.copyOf(work);
  }

  /** Whether a reconciliation would find something that it did not know. */
  boolean isNewsAfter(DeploymentView before) {
    return !published.equals(before.published)
        || zeroIsOne != before.zeroIsOne
        || pods.unreadable() != before.pods.unreadable()
        || pods.unschedulable() != before.pods.unschedulable()
        || !scaling.map(ScalingTrack::log).equals(before.scaling.map(ScalingTrack::log))
        || !scaling.map(ScalingTrack::desired).equals(before.scaling.map(ScalingTrack::desired));
  }
}
