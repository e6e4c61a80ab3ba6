package dev.kvasir.operator.scaling;

import java.time.Duration;
import java.time.Instant;

/**
 * What the next decision, or the next leader, needs of the ones before.
 *
 * @param desired replicas last decided on
 * @param lastActivity when there was a request, or when the watch began
 */
public record ScalingState(
    int desired, Maxima maxima, Instant lastActivity, LearnedCapacity learned) {

  /** Knows nothing yet but how many replicas there are. */
  public static ScalingState start(int desired, Instant now) {
    return new ScalingState(desired, Maxima.from(now), now, LearnedCapacity.nothing());
  }

  /**
   * What a new leader goes on with. A watch that was broken for longer begins a new window; what
   * was busy when it was last seen may have been until now.
   */
  public ScalingState resumed(Instant now, Instant lastSeen, Duration patience) {
    boolean watched = lastSeen.plus(patience).isAfter(now);
    boolean wasBusy = !lastActivity.isBefore(lastSeen);
    return new ScalingState(
        desired, watched ? maxima : maxima.brokenAt(now), wasBusy ? now : lastActivity, learned);
  }

  /** The same without what was learned. */
  ScalingState unlearned() {
    return new ScalingState(desired, maxima, lastActivity, LearnedCapacity.nothing());
  }
}
