package dev.kvasir.operator.scaling;

import java.time.Duration;

/**
 * What the user wants of the scaler.
 *
 * @param minReplicas 0 only where somebody holds the requests meanwhile
 * @param kvOccupancy part of the KV cache that may be in use
 * @param timeToFirstToken within which the backlog of prompts should be computed
 * @param utilization part of a replica's rates that may be in use
 * @param scaleDownWindow a scale-down waits until the largest recommendation of it has passed
 * @param idleAfter without any request, the last replica goes; only with minReplicas 0
 * @param staleAfter a reading older than this says nothing of now
 * @param unschedulableAfter a pod that no node takes for this long stops growth
 */
public record ScalingPolicy(
    int minReplicas,
    int maxReplicas,
    double kvOccupancy,
    Duration timeToFirstToken,
    double utilization,
    Duration scaleDownWindow,
    Duration idleAfter,
    Duration staleAfter,
    Duration unschedulableAfter) {

  public ScalingPolicy {
    if (minReplicas < 0 || maxReplicas < Math.max(1, minReplicas)) {
      throw new IllegalArgumentException(
          "replicas between %d and %d: at least 0, and at most no less than that and 1"
              .formatted(minReplicas, maxReplicas));
    }
    if (!(kvOccupancy > 0 && kvOccupancy <= 1 && utilization > 0 && utilization <= 1)) {
      throw new IllegalArgumentException(
          "KV occupancy %s and utilization %s must be in (0, 1]"
              .formatted(kvOccupancy, utilization));
    }
    if (!timeToFirstToken.isPositive() || scaleDownWindow.isNegative()) {
      throw new IllegalArgumentException(
          "time to first token %s must be positive, the window %s not negative"
              .formatted(timeToFirstToken, scaleDownWindow));
    }
  }

  /** The defaults of the resource's fields. */
  public static ScalingPolicy between(int minReplicas, int maxReplicas) {
    return new ScalingPolicy(
        minReplicas,
        maxReplicas,
        0.8,
        Duration.ofMillis(1500),
        0.85,
        Duration.ofMinutes(5),
        Duration.ofMinutes(10),
        Duration.ofSeconds(10),
        Duration.ofMinutes(1));
  }

  int clamp(double replicas) {
    return (int) Math.clamp(Math.ceil(replicas), minReplicas, (double) maxReplicas);
  }
}
