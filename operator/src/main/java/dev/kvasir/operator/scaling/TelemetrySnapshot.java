package dev.kvasir.operator.scaling;

import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

/**
 * All that is known of a deployment's replicas at one time.
 *
 * @param held requests that wait at the gateway for a replica
 * @param heldPromptTokens their prompts, estimated by whoever holds them
 */
public record TelemetrySnapshot(
    Instant at, List<Replica> replicas, double held, double heldPromptTokens) {

  public TelemetrySnapshot {
    replicas = List.copyOf(replicas);
  }

  /** Loads of the replicas that work on requests. A draining one's requests need no new home. */
  Stream<ReplicaLoad> loads() {
    return replicas.stream()
        .filter(replica -> replica.state() == Replica.State.SERVING)
        .flatMap(replica -> replica.load().stream());
  }

  public long count(Replica.State state) {
    return replicas.stream().filter(replica -> replica.state() == state).count();
  }

  /** Whether anybody asks for anything, wherever the request is. */
  boolean isActive() {
    return held > 0
        || replicas.stream()
            .flatMap(replica -> replica.load().stream())
            .anyMatch(load -> !load.isIdle() || load.outputTokensPerSecond() > 0);
  }
}
