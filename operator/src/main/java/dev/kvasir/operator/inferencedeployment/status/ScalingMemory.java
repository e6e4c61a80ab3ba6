package dev.kvasir.operator.inferencedeployment.status;

import dev.kvasir.api.v1alpha1.CapacityStatus;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.MaximumStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus.StateStatus;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.DecisionLog;
import dev.kvasir.operator.scaling.LearnedCapacity;
import dev.kvasir.operator.scaling.Maxima;
import dev.kvasir.operator.scaling.ScalingState;
import dev.kvasir.operator.scaling.ScalingTrack;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;

/** What the scaler knows, as the status keeps it for the next leader. */
public final class ScalingMemory {
  /** A watch that was broken for no longer than this counts as one. */
  public static final Duration PATIENCE = Duration.ofSeconds(90);

  private ScalingMemory() {}

  public static StateStatus write(ScalingTrack track, Capacity benchmark, Instant now) {
    ScalingState state = track.state();
    Map<String, String> learned = new TreeMap<>();
    state
        .learned()
        .factors()
        .forEach((bucket, factor) -> learned.put(bucket.toString(), factor.toString()));
    return new StateStatus(
        text(now),
        track.revision(),
        text(state.maxima().knownSince()),
        state.maxima().buckets().stream()
            .map(bucket -> new MaximumStatus(text(bucket.start()), bucket.replicas()))
            .toList(),
        text(state.lastActivity()),
        learned,
        new CapacityStatus(
            (int) benchmark.promptTokensPerSecond(),
            (int) benchmark.outputTokensPerSecond(),
            (int) Math.min(Integer.MAX_VALUE, benchmark.kvTokens()),
            null));
  }

  /** What a status says; empty where it says nothing of scaling. */
  public static Optional<ScalingTrack> read(InferenceDeploymentStatus status, Instant now) {
    return scaling(status)
        .filter(scaling -> scaling.state() != null && scaling.desired() != null)
        .map(scaling -> track(scaling.desired(), scaling.state()))
        .map(track -> track.resumed(now, savedAt(status), PATIENCE));
  }

  private static Optional<ScalingStatus> scaling(InferenceDeploymentStatus status) {
    return Optional.ofNullable(status).map(InferenceDeploymentStatus::scaling);
  }

  private static Instant savedAt(InferenceDeploymentStatus status) {
    return Instant.parse(status.scaling().state().savedAt());
  }

  private static ScalingTrack track(int desired, StateStatus saved) {
    List<Maxima.Bucket> buckets =
        saved.maxima().stream()
            .map(maximum -> new Maxima.Bucket(Instant.parse(maximum.since()), maximum.replicas()))
            .toList();
    Map<Integer, Double> learned = new TreeMap<>();
    saved
        .learned()
        .forEach((bucket, factor) -> learned.put(Integer.valueOf(bucket), Double.valueOf(factor)));
    return new ScalingTrack(
        Objects.requireNonNullElse(saved.revision(), ""),
        new ScalingState(
            desired,
            new Maxima(Instant.parse(saved.knownSince()), buckets),
            Instant.parse(saved.lastActivity()),
            new LearnedCapacity(learned)),
        DecisionLog.empty(),
        Optional.empty());
  }

  /** The benchmark that a status remembers. */
  public static Capacity benchmark(InferenceDeploymentStatus status) {
    return scaling(status)
        .map(ScalingStatus::state)
        .map(StateStatus::benchmark)
        .map(saved ->
            Capacity.measured(
                saved.promptTokensPerSecond(), saved.tokensPerSecond(), saved.kvTokens()))
        .orElse(Capacity.UNKNOWN);
  }

  private static String text(Instant time) {
    return time.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
