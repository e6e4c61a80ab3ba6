package dev.kvasir.operator.telemetry;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.StateStatus;
import dev.kvasir.operator.inferencedeployment.status.ScalingMemory;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.telemetry.DeploymentView.Published;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Decides when a deployment's status is given new figures: where they mean something new, and
 * seldom. What stays the same here causes no write.
 */
final class Publisher {
  private static final Duration LEAST_APART = Duration.ofSeconds(10);

  /** Shorter than what the next leader takes for an unbroken watch. */
  private static final Duration MOST_APART = Duration.ofSeconds(60);

  private Published published;

  Instant at() {
    return published == null ? Instant.MIN : published.at();
  }

  /** A decision goes into the status at once, and these figures with it. */
  Published publish(
      Figures figures,
      Capacity capacity,
      List<AcceleratorStatus> cards,
      Optional<ScalingTrack> track,
      Capacity benchmark,
      Instant now,
      boolean allowed) {
    Optional<StateStatus> state =
        track.map(scaling -> ScalingMemory.write(scaling, benchmark, now));
    Published next = new Published(now, figures.status(), Figures.status(capacity), cards, state);
    boolean decided = track.flatMap(ScalingTrack::latest).filter(d -> d.changes()).isPresent();
    if (published == null || decided || (allowed && isDue(next, now))) {
      published = next;
    }
    return published;
  }

  private boolean isDue(Published next, Instant now) {
    if (published.at().plus(LEAST_APART).isAfter(now)) {
      return false;
    }
    boolean stateIsOld = next.state().isPresent() && !published.at().plus(MOST_APART).isAfter(now);
    return stateIsOld
        || !next.telemetry().equals(published.telemetry())
        || !next.capacity().equals(published.capacity())
        || !next.accelerators().equals(published.accelerators())
        || next.state().isPresent() != published.state().isPresent()
        || asksForMore(next, published);
  }

  /** The window's largest recommendation must not be lost. */
  private static boolean asksForMore(Published next, Published before) {
    return largest(next) > largest(before);
  }

  private static int largest(Published published) {
    return published.state().stream()
        .flatMap(state -> state.maxima().stream())
        .mapToInt(maximum -> maximum.replicas())
        .max()
        .orElse(0);
  }
}
