package dev.kvasir.operator.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How the scaling of one deployment has gone so far.
 *
 * @param revision of the pods that the learned capacity speaks of
 * @param latest the decision of the last look, told or not; empty before the first one
 */
public record ScalingTrack(
    String revision, ScalingState state, DecisionLog log, Optional<ScalingDecision> latest) {

  /** A deployment that scales from now on. */
  public static ScalingTrack begin(String revision, int replicas, Instant now) {
    return new ScalingTrack(
        revision, ScalingState.start(replicas, now), DecisionLog.empty(), Optional.empty());
  }

  /** Goes on after a restart of the operator. */
  public ScalingTrack resumed(Instant now, Instant lastSeen, Duration patience) {
    return new ScalingTrack(
        revision, state.resumed(now, lastSeen, patience), log, Optional.empty());
  }

  /** Other pods have to be learned anew; the window and the decisions stay. */
  public ScalingTrack of(String newRevision) {
    return newRevision.equals(revision)
        ? this
        : new ScalingTrack(newRevision, state.unlearned(), log, latest);
  }

  public ScalingTrack next(TelemetrySnapshot snapshot, Capacity benchmark, ScalingPolicy policy) {
    Scaler.Step step = new Scaler(policy).decide(snapshot, benchmark, state);
    return new ScalingTrack(
        revision, step.state(), log.with(step.decision()), Optional.of(step.decision()));
  }

  public int desired() {
    return state.desired();
  }
}
