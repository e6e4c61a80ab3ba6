package dev.kvasir.operator.scaling;

import java.time.Instant;

/**
 * How many replicas there should be, and why.
 *
 * @param from replicas wanted before
 * @param outcome what bounded or delayed the recommendation, or that nothing did
 * @param sentence for people
 */
public record ScalingDecision(
    Instant at,
    int from,
    int desired,
    Outcome outcome,
    Recommendation recommendation,
    String sentence) {

  /** What became of the recommendation. */
  public enum Outcome {
    UP,
    DOWN,
    TO_ZERO,
    STEADY,
    /** Fewer would do, but the window's largest recommendation has not passed. */
    WAITING_FOR_WINDOW,
    /** Fewer would do, but the last request is not long enough ago to remove the last replica. */
    WAITING_FOR_IDLE,
    /** Fewer would do by what is known, but a replica's readings are missing. */
    HELD_BY_STALE_TELEMETRY,
    /** More are wanted, but no node takes the ones that were asked for. */
    HELD_BY_UNSCHEDULABLE,
    /** More are wanted than maxReplicas allows. */
    AT_MAXIMUM
  }

  public boolean changes() {
    return desired != from;
  }
}
