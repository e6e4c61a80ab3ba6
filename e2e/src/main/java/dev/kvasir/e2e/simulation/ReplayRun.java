package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.inferencedeployment.plan.ScalingTerms;
import dev.kvasir.operator.inferencedeployment.status.ScalingMemory;
import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.telemetry.RecordedRound;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The operator's scaler with some settings over a recording, round by round. */
final class ReplayRun {
  /** A person reads no more. */
  private static final int MOST_DECISIONS = 10_000;

  private final ScalingSettings settings;
  private final Duration staleAfter;
  private final Replayed replayed;
  private final List<ScalingDecision> decisions = new ArrayList<>();
  private ScalingTrack track;
  private Instant before;

  ReplayRun(ScalingSettings settings, Duration staleAfter) {
    this.settings = settings;
    this.staleAfter = staleAfter;
    this.replayed = new Replayed(settings.text());
  }

  void take(RecordedRound round) {
    Instant now = round.snapshot().at();
    ScalingTrack known = known(round, now);
    track =
        known
            .of(round.revision())
            .next(
                round.snapshot(),
                ScalingTerms.capacity(settings.spec().targets(), round.measured()),
                ScalingTerms.policy(settings.spec(), true, staleAfter));
    before = now;
    if (!track.log().equals(known.log()) && decisions.size() < MOST_DECISIONS) {
      decisions.add(track.log().last().orElseThrow());
    }
    ScalingDecision decision = track.latest().orElseThrow();
    replayed.add(now, decision.desired(), decision.outcome());
  }

  /** A time that nobody recorded is as one in which no operator ran. */
  private ScalingTrack known(RecordedRound round, Instant now) {
    if (track == null) {
      return ScalingTrack.begin(round.revision(), round.replicas(), now);
    }
    boolean gap = before.plus(ScalingMemory.PATIENCE).isBefore(now);
    return gap ? track.resumed(now, before, ScalingMemory.PATIENCE) : track;
  }

  Replayed replayed() {
    return replayed;
  }

  List<ScalingDecision> decisions() {
    return List.copyOf(decisions);
  }
}
