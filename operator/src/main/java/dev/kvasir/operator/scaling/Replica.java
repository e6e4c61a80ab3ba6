package dev.kvasir.operator.scaling;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * A pod as the scaler sees it.
 *
 * @param since when it came into this state
 * @param load the last one read, whenever that was
 * @param readAt when it was read; the state's beginning where it never was
 */
public record Replica(
    String name, State state, Instant since, Optional<ReplicaLoad> load, Instant readAt) {

  /** What a replica counts as. */
  public enum State {
    /** It takes requests. */
    SERVING,
    /** It will: capacity to come. */
    STARTING,
    /** No node takes it. */
    UNSCHEDULABLE,
    /** It finishes its requests and leaves; no capacity any more. */
    DRAINING
  }

  public boolean isStale(Instant now, Duration patience) {
    return state == State.SERVING
        && (load.isEmpty() || Duration.between(readAt, now).compareTo(patience) > 0);
  }
}
