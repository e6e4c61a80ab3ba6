package dev.kvasir.operator.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The rules of scaling, one by one and over random loads in simulated time. */
class ScalerTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int CASES = 2000;
  private static final Capacity BENCHMARK =
      new Capacity(10_000, 1_000, 100_000, Capacity.Source.BENCHMARK);

  private final ScalingPolicy policy = ScalingPolicy.between(1, 50);

  private static ReplicaLoad load(double waitingTokens, double kvTokens) {
    return new ReplicaLoad(10, waitingTokens / 100, waitingTokens, kvTokens, 100_000, 0, 0, 0, 0);
  }

  private static Replica serving(int name, ReplicaLoad load, Instant readAt) {
    return new Replica("pod-" + name, Replica.State.SERVING, START, Optional.of(load), readAt);
  }

  private static Replica other(int name, Replica.State state, Instant since) {
    return new Replica("pod-" + name, state, since, Optional.empty(), since);
  }

  private static TelemetrySnapshot snapshot(Instant at, List<Replica> replicas) {
    return new TelemetrySnapshot(at, replicas, 0, 0);
  }

  private ScalingDecision decide(List<Replica> replicas, int current) {
    return new Scaler(policy)
        .decide(snapshot(START, replicas), BENCHMARK, ScalingState.start(current, START))
        .decision();
  }

  @Test
  void aBacklogIsDividedByWhatReplicasComputeInTime() {
    ScalingDecision decision = decide(List.of(serving(0, load(60_000, 0), START)), 1);
    assertEquals(4, decision.desired());
    assertEquals(Signal.BACKLOG, decision.recommendation().deciding());
    assertEquals(
        "1 to 4 replicas: 60000 prompt tokens wait, and a replica computes 10000 a second (the"
            + " replica's own benchmark): 4.0 replicas",
        decision.sentence());
  }

  @Test
  void tokensInTheCachesAreDividedByWhatOneHolds() {
    List<Replica> two =
        List.of(serving(0, load(0, 90_000), START), serving(1, load(0, 95_000), START));
    ScalingDecision decision = decide(two, 2);
    assertEquals(3, decision.desired());
    assertEquals(Signal.KV_OCCUPANCY, decision.recommendation().deciding());
  }

  @Test
  void ratesOfPromptsAndOutputShareAReplica() {
    ReplicaLoad busy = new ReplicaLoad(10, 0, 0, 5_000, 100_000, 6_000, 500, 0, 0);
    ScalingDecision decision = decide(List.of(serving(0, busy, START)), 1);
    assertEquals(2, decision.desired(), "(6000/10000 + 500/1000) / 0.85 = 1.3");
    assertEquals(Signal.TOKEN_RATE, decision.recommendation().deciding());
  }

  @Test
  void heldRequestsWakeAModelFromZero() {
    Scaler scaler = new Scaler(ScalingPolicy.between(0, 50));
    TelemetrySnapshot held = new TelemetrySnapshot(START, List.of(), 1, 0);
    ScalingDecision decision =
        scaler.decide(held, BENCHMARK, ScalingState.start(0, START)).decision();
    assertEquals(1, decision.desired());
    assertEquals(Outcome.UP, decision.outcome());
  }

  @Test
  void withoutAMeasureAQueueAsksForOneMoreAndThenWaitsForIt() {
    Capacity unknown = new Capacity(0, 0, 0, Capacity.Source.UNKNOWN);
    Scaler scaler = new Scaler(policy);
    List<Replica> replicas = new ArrayList<>(List.of(serving(0, load(60_000, 0), START)));
    ScalingState state = ScalingState.start(1, START);
    assertEquals(2, scaler.decide(snapshot(START, replicas), unknown, state).decision().desired());
    replicas.add(other(1, Replica.State.STARTING, START));
    state = ScalingState.start(2, START);
    assertEquals(2, scaler.decide(snapshot(START, replicas), unknown, state).decision().desired());
  }

  @Test
  void withoutAMeasureOneHeldRequestWakesOneReplica() {
    Capacity unknown = new Capacity(0, 0, 0, Capacity.Source.UNKNOWN);
    Scaler scaler = new Scaler(ScalingPolicy.between(0, 2));
    ReplicaLoad idle = new ReplicaLoad(0, 0, 0, 0, 100_000, 0, 0, 0, 0);
    ScalingState state = ScalingState.start(0, START);
    List<List<Replica>> life =
        List.of(
            List.of(),
            List.of(other(0, Replica.State.STARTING, START)),
            List.of(other(0, Replica.State.SERVING, START)),
            List.of(serving(0, idle, START)));
    for (List<Replica> replicas : life) {
      TelemetrySnapshot held = new TelemetrySnapshot(START, replicas, 1, 20);
      Scaler.Step step = scaler.decide(held, unknown, state);
      assertEquals(1, step.decision().desired(), "with " + replicas);
      state = step.state();
    }
  }

  @Test
  void moreLoadNeverYieldsFewerReplicas() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Replica> less = new ArrayList<>();
      List<Replica> more = new ArrayList<>();
      int replicas = random.nextInt(1, 12);
      int grown = random.nextInt(replicas);
      for (int i = 0; i < replicas; i++) {
        ReplicaLoad load = randomLoad(random);
        less.add(serving(i, load, START));
        more.add(serving(i, i == grown ? grown(load, random) : load, START));
      }
      int current = random.nextInt(1, 50);
      int before = decide(less, current).desired();
      int after = decide(more, current).desired();
      assertTrue(after >= before, "seed " + seed + ": " + before + " and with more " + after);
    }
  }

  private static ReplicaLoad randomLoad(SplittableRandom random) {
    return new ReplicaLoad(
        random.nextInt(1, 100),
        0,
        0,
        random.nextInt(100_000),
        100_000,
        random.nextInt(10_000),
        random.nextInt(1_000),
        0,
        0);
  }

  private static ReplicaLoad grown(ReplicaLoad load, SplittableRandom random) {
    return new ReplicaLoad(
        load.running(),
        0,
        random.nextInt(50_000),
        load.kvTokens() + random.nextInt(50_000),
        load.kvCapacityTokens(),
        load.promptTokensPerSecond() + random.nextInt(5_000),
        load.outputTokensPerSecond() + random.nextInt(500),
        0,
        0);
  }

  @Test
  void aScaleDownNeverGoesBelowTheLargestRecommendationOfTheWindow() {
    for (long seed = 0; seed < CASES / 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Scaler scaler = new Scaler(policy);
      ScalingState state = ScalingState.start(random.nextInt(1, 20), START);
      List<int[]> wanted = new ArrayList<>();
      Instant now = START;
      for (int tick = 0; tick < 600; tick++) {
        double tokens = random.nextInt(4) == 0 ? random.nextInt(300_000) : 0;
        Scaler.Step step =
            scaler.decide(
                snapshot(now, List.of(serving(0, load(tokens, 0), now))), BENCHMARK, state);
        int asked = policy.clamp(step.decision().recommendation().replicas());
        wanted.add(new int[] {tick, asked});
        int decided = step.decision().desired();
        assertTrue(decided >= asked, "seed " + seed + " tick " + tick + ": scale-up is at once");
        if (decided < state.desired()) {
          int at = tick;
          int largest =
              wanted.stream()
                  .filter(entry -> entry[0] * 2L >= at * 2L - policy.scaleDownWindow().toSeconds())
                  .mapToInt(entry -> entry[1])
                  .max()
                  .orElseThrow();
          assertTrue(decided >= largest, "seed " + seed + " tick " + tick);
          assertTrue(tick * 2L >= policy.scaleDownWindow().toSeconds(), "a whole window is known");
        }
        state = step.state();
        now = now.plusSeconds(2);
      }
    }
  }

  @Test
  void missingOrStaleReadingsNeverScaleDown() {
    for (long seed = 0; seed < CASES / 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Scaler scaler = new Scaler(policy);
      int current = random.nextInt(2, 20);
      ScalingState state = ScalingState.start(current, START);
      Instant now = START;
      for (int tick = 0; tick < 400; tick++) {
        List<Replica> replicas = new ArrayList<>();
        for (int i = 1; i < current; i++) {
          replicas.add(serving(i, load(0, 0), now));
        }
        replicas.add(
            random.nextBoolean()
                ? other(0, Replica.State.SERVING, START)
                : serving(0, load(0, 0), now.minusSeconds(11 + random.nextInt(100))));
        Scaler.Step step = scaler.decide(snapshot(now, replicas), BENCHMARK, state);
        assertEquals(current, step.decision().desired(), "seed " + seed + " tick " + tick);
        assertEquals(Outcome.HELD_BY_STALE_TELEMETRY, step.decision().outcome());
        state = step.state();
        now = now.plusSeconds(2);
      }
    }
  }

  @Test
  void oneBadPodDoesNotStopTheOthers() {
    List<Replica> replicas =
        List.of(serving(0, load(60_000, 0), START), other(1, Replica.State.SERVING, START));
    assertEquals(4, decide(replicas, 2).desired());
  }

  @Test
  void podsThatStartAreNotAskedForTwice() {
    Scaler scaler = new Scaler(policy);
    List<Replica> replicas = new ArrayList<>(List.of(serving(0, load(60_000, 0), START)));
    ScalingState state = ScalingState.start(1, START);
    for (int tick = 0; tick < 20; tick++) {
      Instant now = START.plusSeconds(2L * tick);
      replicas.set(0, serving(0, load(60_000, 0), now));
      Scaler.Step step = scaler.decide(snapshot(now, replicas), BENCHMARK, state);
      assertEquals(4, step.decision().desired(), "tick " + tick);
      state = step.state();
      while (replicas.size() < state.desired()) {
        replicas.add(other(replicas.size(), Replica.State.STARTING, now));
      }
    }
  }

  @Test
  void podsThatNoNodeTakesStopGrowth() {
    List<Replica> replicas =
        List.of(
            serving(0, load(60_000, 0), START),
            other(1, Replica.State.UNSCHEDULABLE, START.minusSeconds(61)));
    ScalingDecision decision = decide(replicas, 2);
    assertEquals(2, decision.desired());
    assertEquals(Outcome.HELD_BY_UNSCHEDULABLE, decision.outcome());
    List<Replica> recent =
        List.of(replicas.getFirst(), other(1, Replica.State.UNSCHEDULABLE, START.minusSeconds(9)));
    assertEquals(4, decide(recent, 2).desired());
  }

  @Test
  void theLastReplicaGoesWhenIdleForLongEnough() {
    ScalingPolicy toZero = ScalingPolicy.between(0, 5);
    Scaler scaler = new Scaler(toZero);
    ScalingState state = ScalingState.start(1, START);
    ReplicaLoad idle = new ReplicaLoad(0, 0, 0, 0, 100_000, 0, 0, 0, 0);
    for (int tick = 0; tick < 300; tick++) {
      Instant now = START.plusSeconds(2L * tick);
      Scaler.Step step =
          scaler.decide(snapshot(now, List.of(serving(0, idle, now))), BENCHMARK, state);
      assertEquals(1, step.decision().desired(), "after " + 2 * tick + " s");
      state = step.state();
    }
    Instant end = START.plus(toZero.idleAfter());
    ScalingDecision last =
        scaler.decide(snapshot(end, List.of(serving(0, idle, end))), BENCHMARK, state).decision();
    assertEquals(0, last.desired());
    assertEquals("1 to 0 replicas: no request for 10m", last.sentence());
  }

  @Test
  void aNewLeaderGoesOnWithTheWindowOfTheOldOne() {
    Scaler scaler = new Scaler(policy);
    ScalingState state = ScalingState.start(8, START);
    Instant now = START;
    for (; now.isBefore(START.plusSeconds(290)); now = now.plusSeconds(2)) {
      state =
          scaler
              .decide(snapshot(now, List.of(serving(0, load(0, 0), now))), BENCHMARK, state)
              .state();
    }
    ScalingState soon = state.resumed(now.plusSeconds(15), now, Duration.ofMinutes(1));
    ScalingState late = state.resumed(now.plusSeconds(600), now, Duration.ofMinutes(1));
    assertEquals(1, decideAt(scaler, now.plusSeconds(15), soon));
    assertEquals(8, decideAt(scaler, now.plusSeconds(600), late), "the window was not watched");
  }

  private static int decideAt(Scaler scaler, Instant now, ScalingState state) {
    return scaler
        .decide(snapshot(now, List.of(serving(0, load(0, 0), now))), BENCHMARK, state)
        .decision()
        .desired();
  }

  @Test
  void aUsersNumberWinsOverWhatIsSeen() {
    Capacity spec = new Capacity(10_000, 1_000, 100_000, Capacity.Source.SPEC);
    ReplicaLoad slow = new ReplicaLoad(50, 5, 60_000, 50_000, 100_000, 100, 10, 100, 10);
    Scaler.Step step =
        new Scaler(policy)
            .decide(
                snapshot(START, List.of(serving(0, slow, START))),
                spec,
                ScalingState.start(1, START));
    assertEquals(4, step.decision().desired());
    assertEquals(LearnedCapacity.nothing(), step.state().learned());
  }

  @Test
  void saturatedReplicasTeachWhatTheyCanDoAndOthersDoNot() {
    ReplicaLoad saturated = new ReplicaLoad(50, 5, 500, 50_000, 100_000, 0, 500, 0, 500);
    ReplicaLoad relaxed = new ReplicaLoad(5, 0, 0, 5_000, 100_000, 0, 50, 0, 0);
    LearnedCapacity learned = LearnedCapacity.nothing();
    for (int i = 0; i < 50; i++) {
      learned = learned.with(saturated, BENCHMARK).with(relaxed, BENCHMARK);
    }
    Capacity now = learned.applyTo(BENCHMARK, 1000);
    assertEquals(500, now.outputTokensPerSecond(), 1, "half of the benchmark's 1000");
    assertEquals(Capacity.Source.LEARNED, now.source());
  }

  @Test
  void newBoundsMoveTheNumberAtOnce() {
    ScalingState many = ScalingState.start(9, START);
    Scaler narrow = new Scaler(ScalingPolicy.between(1, 4));
    List<Replica> busy = List.of(serving(0, load(600_000, 0), START));
    ScalingDecision decision = narrow.decide(snapshot(START, busy), BENCHMARK, many).decision();
    assertEquals(4, decision.desired());
    ScalingDecision next =
        narrow.decide(snapshot(START, busy), BENCHMARK, ScalingState.start(4, START)).decision();
    assertEquals(Outcome.AT_MAXIMUM, next.outcome());
  }
}
