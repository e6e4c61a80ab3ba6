package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.TelemetrySnapshot;

/**
 * What a round saw of one deployment, and so all that the scaler decides on.
 *
 * @param revision of the pods that are wanted
 * @param replicas that were wanted after the round, by the scaler or by the spec
 * @param measured what one replica can do by the replicas' own word
 */
public record RecordedRound(
    DeploymentKey deployment,
    String revision,
    int replicas,
    Capacity measured,
    TelemetrySnapshot snapshot) {}
