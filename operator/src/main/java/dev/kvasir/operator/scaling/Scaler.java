package dev.kvasir.operator.scaling;

import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.time.Instant;

/**
 * Decides, from a snapshot and what was known before. Up at once; down only when the load has
 * cleared the targets with fewer replicas for the whole window; never down on what it cannot see.
 */
public final class Scaler {
  private final ScalingPolicy policy;

  public Scaler(ScalingPolicy policy) {
    this.policy = policy;
  }

  /** A decision and the state for the next one. */
  public record Step(ScalingDecision decision, ScalingState state) {}

  /**
   * Decides once.
   *
   * @param benchmark what a replica can do as far as anybody has said: the spec, or the replicas
   *     themselves
   */
  public Step decide(TelemetrySnapshot snapshot, Capacity benchmark, ScalingState before) {
    Instant now = snapshot.at();
    LearnedCapacity learned = learn(snapshot, benchmark, before.learned());
    Capacity capacity = learned.applyTo(benchmark, meanContext(snapshot));
    Recommendation recommendation = Recommendation.of(snapshot, capacity, policy);
    Instant lastActivity = snapshot.isActive() ? now : before.lastActivity();
    int wanted = wanted(recommendation, now, lastActivity);
    Maxima maxima = before.maxima().with(now, wanted, policy.scaleDownWindow());
    Verdict verdict =
        judge(snapshot, before.desired(), wanted, maxima).named(recommendation, policy);
    ScalingDecision decision =
        new ScalingDecision(
            now,
            before.desired(),
            verdict.desired,
            verdict.outcome,
            recommendation,
            sentence(before.desired(), wanted, verdict, recommendation));
    return new Step(decision, new ScalingState(verdict.desired, maxima, lastActivity, learned));
  }

  private LearnedCapacity learn(
      TelemetrySnapshot snapshot, Capacity benchmark, LearnedCapacity learned) {
    LearnedCapacity now = learned;
    if (benchmark.source() == Capacity.Source.BENCHMARK) {
      for (Replica replica : snapshot.replicas()) {
        if (replica.state() == Replica.State.SERVING
            && !replica.isStale(snapshot.at(), policy.staleAfter())) {
          now = now.with(replica.load().orElseThrow(), benchmark);
        }
      }
    }
    return now;
  }

  private static double meanContext(TelemetrySnapshot snapshot) {
    double tokens = snapshot.loads().mapToDouble(ReplicaLoad::kvTokens).sum();
    double running = snapshot.loads().mapToDouble(ReplicaLoad::running).sum();
    return running == 0 ? 0 : tokens / running;
  }

  /** What the load asks for within the bounds; the last replica stays until it is idle for long. */
  private int wanted(Recommendation recommendation, Instant now, Instant lastActivity) {
    int wanted = policy.clamp(recommendation.replicas());
    boolean idle = !lastActivity.plus(policy.idleAfter()).isAfter(now);
    return wanted == 0 && !idle ? 1 : wanted;
  }

  private record Verdict(int desired, Outcome outcome) {

    /** Tells apart why nothing changes. */
    Verdict named(Recommendation recommendation, ScalingPolicy policy) {
      if (outcome != Outcome.STEADY) {
        return this;
      }
      if (recommendation.replicas() > policy.maxReplicas()) {
        return new Verdict(desired, Outcome.AT_MAXIMUM);
      }
      boolean lastOne = desired == 1 && policy.minReplicas() == 0;
      return lastOne && recommendation.deciding() == Signal.NONE
          ? new Verdict(desired, Outcome.WAITING_FOR_IDLE)
          : this;
    }
  }

  private Verdict judge(TelemetrySnapshot snapshot, int current, int wanted, Maxima maxima) {
    int bounded = Math.clamp(current, policy.minReplicas(), policy.maxReplicas());
    if (wanted > bounded) {
      return up(snapshot, bounded, wanted);
    }
    if (wanted < bounded) {
      return down(snapshot, bounded, wanted, maxima);
    }
    return new Verdict(bounded, moved(current, bounded));
  }

  /** Bounds that have changed move the number at once. */
  private static Outcome moved(int from, int to) {
    return to == from ? Outcome.STEADY : to > from ? Outcome.UP : Outcome.DOWN;
  }

  private Verdict up(TelemetrySnapshot snapshot, int current, int wanted) {
    boolean stuck =
        snapshot.replicas().stream()
            .anyMatch(replica ->
                replica.state() == Replica.State.UNSCHEDULABLE
                    && !replica.since().plus(policy.unschedulableAfter()).isAfter(snapshot.at()));
    return stuck
        ? new Verdict(current, Outcome.HELD_BY_UNSCHEDULABLE)
        : new Verdict(wanted, Outcome.UP);
  }

  private Verdict down(TelemetrySnapshot snapshot, int current, int wanted, Maxima maxima) {
    boolean blind =
        snapshot.replicas().stream()
            .anyMatch(replica -> replica.isStale(snapshot.at(), policy.staleAfter()));
    if (blind) {
      return new Verdict(current, Outcome.HELD_BY_STALE_TELEMETRY);
    }
    // The idle time is a wait of its own; the window need not pass once more for the last replica.
    int largest = wanted == 0 && maxima.largest() == 1 ? 0 : maxima.largest();
    int least = Math.min(current, largest);
    if (least == current || !maxima.isWhole(snapshot.at(), policy.scaleDownWindow())) {
      return new Verdict(current, Outcome.WAITING_FOR_WINDOW);
    }
    return new Verdict(least, least == 0 ? Outcome.TO_ZERO : Outcome.DOWN);
  }

  private String sentence(int from, int wanted, Verdict verdict, Recommendation recommendation) {
    String because = recommendation.because();
    String now = verdict.desired == 1 ? "1 replica" : verdict.desired + " replicas";
    return switch (verdict.outcome) {
      case UP ->
          "%d to %s: %s"
              .formatted(from, now, isMinimum(verdict, recommendation) ? "minReplicas" : because);
      case DOWN ->
          isMaximum(verdict, recommendation)
              ? "%d to %s: maxReplicas".formatted(from, now)
              : "%d to %s: more were not needed within the last %s, and now %s"
                  .formatted(from, now, words(policy.scaleDownWindow()), because);
      case TO_ZERO ->
          "%d to 0 replicas: no request for %s".formatted(from, words(policy.idleAfter()));
      case STEADY -> "%s: %s".formatted(now, because);
      case WAITING_FOR_WINDOW ->
          "%s, although %d would do now: more were needed within the last %s, or not all of it was seen"
              .formatted(now, wanted, words(policy.scaleDownWindow()));
      case WAITING_FOR_IDLE ->
          "%s, although there are no requests: the last was less than %s ago"
              .formatted(now, words(policy.idleAfter()));
      case HELD_BY_STALE_TELEMETRY ->
          "%s, although %d would do by what is known: a replica could not be read"
              .formatted(now, wanted);
      case HELD_BY_UNSCHEDULABLE ->
          "%s, although %d are wanted: no node takes a pod that was asked for; %s"
              .formatted(now, wanted, because);
      case AT_MAXIMUM -> "%s, which is maxReplicas: %s".formatted(now, because);
    };
  }

  private static boolean isMinimum(Verdict verdict, Recommendation recommendation) {
    return recommendation.replicas() <= verdict.desired - 1;
  }

  private static boolean isMaximum(Verdict verdict, Recommendation recommendation) {
    return recommendation.replicas() > verdict.desired;
  }

  private static String words(java.time.Duration duration) {
    return duration.toString().substring(2).toLowerCase(java.util.Locale.ROOT);
  }
}
