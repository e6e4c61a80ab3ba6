package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.inferencedeployment.plan.Decisions;
import dev.kvasir.operator.telemetry.DeploymentKey;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Remembers for a while who else set the replicas of Deployments: the operator's next apply wipes
 * the trace.
 */
final class Rivals {
  private static final Duration REMEMBERED = Duration.ofMinutes(10);

  private final Clock clock;
  private final Map<DeploymentKey, Rival> rivals = new ConcurrentHashMap<>();

  private record Rival(String name, Instant seen) {}

  Rivals(Clock clock) {
    this.clock = clock;
  }

  Optional<String> of(DeploymentKey key, Optional<Deployment> deployment) {
    Instant now = clock.instant();
    deployment
        .flatMap(Decisions::otherWriterOfReplicas)
        .ifPresent(name -> rivals.put(key, new Rival(name, now)));
    rivals.values().removeIf(rival -> rival.seen().plus(REMEMBERED).isBefore(now));
    return Optional.ofNullable(rivals.get(key)).map(Rival::name);
  }
}
