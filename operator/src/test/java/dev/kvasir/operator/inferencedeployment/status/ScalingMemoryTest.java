package dev.kvasir.operator.inferencedeployment.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingStatus;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.Replica;
import dev.kvasir.operator.scaling.ReplicaLoad;
import dev.kvasir.operator.scaling.ScalingPolicy;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.scaling.TelemetrySnapshot;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A leader that goes on decides as the one before would have. */
class ScalingMemoryTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Capacity BENCHMARK = Capacity.measured(10_000, 1_000, 100_000);
  private static final ScalingPolicy POLICY = ScalingPolicy.between(1, 50);

  /** Whatever was learned meanwhile: nothing of it is lost, not even a digit. */
  @Test
  void theNextLeaderDecidesAsTheOneBefore() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ScalingTrack kept = ScalingTrack.begin("r", 1, START);
      ScalingTrack restarted = kept;
      Instant now = START;
      for (int tick = 0; tick < 400; tick++) {
        now = now.plusSeconds(2);
        TelemetrySnapshot snapshot = snapshot(now, random);
        kept = kept.next(snapshot, BENCHMARK, POLICY);
        restarted = restarted.next(snapshot, BENCHMARK, POLICY);
        if (random.nextInt(20) == 0) {
          restarted = restart(restarted, now);
        }
        assertEquals(kept.desired(), restarted.desired(), "seed " + seed + " tick " + tick);
      }
    }
  }

  private static TelemetrySnapshot snapshot(Instant now, SplittableRandom random) {
    double tokens = random.nextInt(6) == 0 ? random.nextInt(200_000) : 0;
    double seen = random.nextInt(3) == 0 ? 100 + random.nextInt(1_500) : 0;
    ReplicaLoad load =
        new ReplicaLoad(
            10, 0, tokens, random.nextInt(60_000), 100_000, 0, random.nextInt(3_000), 0, seen);
    return new TelemetrySnapshot(
        now, List.of(new Replica("a", Replica.State.SERVING, START, Optional.of(load), now)), 0, 0);
  }

  private static ScalingTrack restart(ScalingTrack track, Instant now) {
    return ScalingMemory.read(status(track, now), now.plusSeconds(1)).orElseThrow();
  }

  private static InferenceDeploymentStatus status(ScalingTrack track, Instant now) {
    ScalingStatus scaling =
        new ScalingStatus(
            track.desired(), null, List.of(), ScalingMemory.write(track, BENCHMARK, now));
    return new InferenceDeploymentStatus(
        1L, null, null, null, null, 1, 1, 1, null, null, null, null, scaling, null, List.of());
  }

  @Test
  void aWindowThatNobodyWatchedIsWaitedForAnew() {
    ScalingTrack track = ScalingTrack.begin("r", 8, START);
    Instant end = START.plusSeconds(600);
    ScalingTrack late =
        ScalingMemory.read(status(track, START), end)
            .orElseThrow()
            .next(idle(end), BENCHMARK, POLICY);
    assertEquals(8, late.desired());
  }

  private static TelemetrySnapshot idle(Instant now) {
    ReplicaLoad load = new ReplicaLoad(0, 0, 0, 0, 100_000, 0, 0, 0, 0);
    return new TelemetrySnapshot(
        now, List.of(new Replica("a", Replica.State.SERVING, START, Optional.of(load), now)), 0, 0);
  }

  @Test
  void theBenchmarkIsRemembered() {
    assertEquals(
        BENCHMARK, ScalingMemory.benchmark(status(ScalingTrack.begin("r", 1, START), START)));
  }
}
