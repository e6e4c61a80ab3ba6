package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import java.time.Instant;
import java.util.List;

/**
 * A deployment as the gateway sees it.
 *
 * @param model the name that its replicas know the model by
 * @param wakes whether somebody starts a replica when requests are held
 * @param ready replicas that take requests
 */
record Served(
    DeploymentKey key, String model, boolean wakes, Instant created, List<Endpoint> ready) {
  Served {
    ready = List.copyOf(ready);
  }
}
