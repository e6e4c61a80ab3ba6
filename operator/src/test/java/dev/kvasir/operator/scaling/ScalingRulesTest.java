package dev.kvasir.operator.scaling;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.scaling.Replica.State;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What holds whatever the load does: random histories in simulated time. */
class ScalingRulesTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final int SCRAPE = 2;
  private static final int CASES = 150;
  private static final double PROMPT = 10_000;
  private static final double OUTPUT = 1_000;
  private static final double CACHE = 100_000;
  private static final Capacity SPEC = new Capacity(PROMPT, OUTPUT, CACHE, Capacity.Source.SPEC);

  private final ScalingPolicy policy = ScalingPolicy.between(1, 50);

  private static Instant at(int tick) {
    return START.plusSeconds((long) SCRAPE * tick);
  }

  private static ReplicaLoad load(double waiting, double kv, double prompt, double output) {
    double running = kv > 0 || output > 0 ? 10 : 0;
    return new ReplicaLoad(running, waiting / 100, waiting, kv, CACHE, prompt, output, 0, 0);
  }

  private static Replica serving(String name, ReplicaLoad load, Instant readAt) {
    return new Replica(name, State.SERVING, START, Optional.of(load), readAt);
  }

  private static TelemetrySnapshot one(ReplicaLoad load, Instant now) {
    return new TelemetrySnapshot(now, List.of(serving("a", load, now)), 0, 0);
  }

  /** Quiet for long stretches, then bursts of every kind. */
  private static List<ReplicaLoad> history(SplittableRandom random, int ticks) {
    List<ReplicaLoad> history = new ArrayList<>();
    while (history.size() < ticks) {
      ReplicaLoad load =
          random.nextInt(3) == 0
              ? load(0, 0, 0, 0)
              : load(
                  random.nextInt(4) == 0 ? random.nextInt(200_000) : 0,
                  random.nextInt(700_000),
                  random.nextInt(40_000),
                  random.nextInt(5_000));
      for (int i = random.nextInt(1, 120); i > 0; i--) {
        history.add(load);
      }
    }
    return history.subList(0, ticks);
  }

  private static ReplicaLoad plus(ReplicaLoad load, SplittableRandom random) {
    return load(
        load.waitingPromptTokens() + random.nextInt(2) * random.nextInt(50_000),
        load.kvTokens() + random.nextInt(2) * random.nextInt(90_000),
        load.promptTokensPerSecond() + random.nextInt(2) * random.nextInt(9_000),
        load.outputTokensPerSecond() + random.nextInt(2) * random.nextInt(900));
  }

  private List<ScalingDecision> decide(List<ReplicaLoad> history, int replicas) {
    List<ScalingDecision> decisions = new ArrayList<>();
    ScalingState state = ScalingState.start(replicas, START);
    for (int tick = 0; tick < history.size(); tick++) {
      Scaler.Step step = new Scaler(policy).decide(one(history.get(tick), at(tick)), SPEC, state);
      decisions.add(step.decision());
      state = step.state();
    }
    return decisions;
  }

  @Test
  void whoeverHasMoreLoadAllAlongNeverHasFewerReplicas() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<ReplicaLoad> less = history(random, 600);
      List<ReplicaLoad> more = less.stream().map(load -> plus(load, random)).toList();
      int replicas = random.nextInt(1, 20);
      List<ScalingDecision> few = decide(less, replicas);
      List<ScalingDecision> many = decide(more, replicas);
      for (int tick = 0; tick < few.size(); tick++) {
        assertTrue(
            many.get(tick).desired() >= few.get(tick).desired(),
            "seed " + seed + " tick " + tick + ": " + few.get(tick) + "\n" + many.get(tick));
      }
    }
  }

  @Test
  void onlyTotalsCountHoweverTheyAreSpread() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ReplicaLoad all =
          load(
              random.nextInt(200_000),
              random.nextInt(900_000),
              random.nextInt(90_000),
              random.nextInt(9_000));
      Recommendation together = Recommendation.of(one(all, START), SPEC, policy);
      List<Replica> spread = spread(all, random);
      Recommendation apart =
          Recommendation.of(new TelemetrySnapshot(START, spread, 0, 0), SPEC, policy);
      assertEquals(
          together.replicas(), apart.replicas(), 1e-9 * together.replicas(), "seed " + seed);
      assertEquals(together.deciding(), apart.deciding(), "seed " + seed);
    }
  }

  /** In unequal parts; some pods have none. */
  private static List<Replica> spread(ReplicaLoad all, SplittableRandom random) {
    List<Replica> pods = new ArrayList<>();
    double left = 1;
    int count = random.nextInt(1, 20);
    for (int i = 0; i < count; i++) {
      double part = i == count - 1 ? left : random.nextInt(3) * random.nextDouble() * left / 2;
      left -= part;
      ReplicaLoad load =
          load(
              all.waitingPromptTokens() * part,
              all.kvTokens() * part,
              all.promptTokensPerSecond() * part,
              all.outputTokensPerSecond() * part);
      pods.add(serving("pod-" + i, load, START));
    }
    return pods;
  }

  @Test
  void theNumberIsWithinItsBoundsWhateverItWas() {
    for (long seed = 0; seed < CASES * 10; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int min = random.nextInt(10);
      int max = Math.max(1, min + random.nextInt(10));
      ScalingPolicy bounds = ScalingPolicy.between(min, max);
      ScalingState before = ScalingState.start(random.nextInt(40), START);
      ReplicaLoad load = history(random, 1).getFirst();
      int desired = new Scaler(bounds).decide(one(load, START), SPEC, before).decision().desired();
      assertTrue(desired >= min && desired <= max, "seed " + seed + ": " + desired);
    }
  }

  @Test
  void aScaleUpWaitsForNothing() {
    for (long seed = 0; seed < CASES; seed++) {
      List<ReplicaLoad> history = history(new SplittableRandom(seed), 600);
      for (ScalingDecision decision : decide(history, 1)) {
        assertTrue(
            decision.desired() >= policy.clamp(decision.recommendation().replicas()),
            "seed " + seed + ": " + decision);
      }
    }
  }

  /** One replica fewer would still do: the test of N/(N-1), for every signal. */
  @Test
  void whatIsLeftAfterAScaleDownClearsTheTargets() {
    int downs = 0;
    for (long seed = 0; seed < CASES; seed++) {
      List<ReplicaLoad> history = history(new SplittableRandom(seed), 900);
      List<ScalingDecision> decisions = decide(history, 20);
      for (int tick = 0; tick < history.size(); tick++) {
        ScalingDecision decision = decisions.get(tick);
        if (decision.desired() < decision.from()) {
          downs++;
          assertClears(history.get(tick), decision.desired(), "seed " + seed + ": " + decision);
        }
      }
    }
    assertTrue(downs > CASES, "the histories had " + downs + " scale-downs");
  }

  private void assertClears(ReplicaLoad load, int replicas, String about) {
    double kv = (load.kvTokens() + load.waitingPromptTokens()) / (replicas * CACHE);
    double rate = load.promptTokensPerSecond() / PROMPT + load.outputTokensPerSecond() / OUTPUT;
    double seconds = load.waitingPromptTokens() / (replicas * PROMPT);
    assertTrue(kv <= policy.kvOccupancy(), about);
    assertTrue(rate / replicas <= policy.utilization(), about);
    assertTrue(seconds <= policy.timeToFirstToken().toMillis() / 1000.0, about);
  }

  /** Pods go silent and come back; the others' load is followed up, and never down. */
  @Test
  void whileAPodIsSilentTheNumberOnlyGrows() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<ReplicaLoad> history = history(random, 600);
      ScalingState state = ScalingState.start(5, START);
      Instant heard = START;
      for (int tick = 0; tick < history.size(); tick++) {
        Instant now = at(tick);
        heard = random.nextInt(8) == 0 ? now : heard;
        List<Replica> pods =
            List.of(serving("a", history.get(tick), now), serving("b", load(0, 0, 0, 0), heard));
        Scaler.Step step =
            new Scaler(policy).decide(new TelemetrySnapshot(now, pods, 0, 0), SPEC, state);
        ScalingDecision decision = step.decision();
        boolean silent = Duration.between(heard, now).compareTo(policy.staleAfter()) > 0;
        String about = "seed " + seed + " tick " + tick + ": " + decision;
        assertTrue(!silent || decision.desired() >= decision.from(), about);
        assertTrue(decision.desired() >= policy.clamp(decision.recommendation().replicas()), about);
        state = step.state();
      }
    }
  }

  /** Of a fleet that takes a minute to start and has room for a few only. */
  @Test
  void podsThatNoNodeTakesEndTheGrowthAndARoomEndsThat() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int room = random.nextInt(1, 6);
      Map<Integer, Instant> since = new HashMap<>();
      ScalingState state = ScalingState.start(1, START);
      int most = 0;
      for (int tick = 0; tick < 400; tick++) {
        Instant now = at(tick);
        room += tick == 300 ? 40 : 0;
        List<Replica> pods = pods(state.desired(), room, since, now, random.nextInt(60_000));
        Scaler.Step step =
            new Scaler(policy).decide(new TelemetrySnapshot(now, pods, 0, 0), SPEC, state);
        boolean stuck =
            pods.stream()
                .anyMatch(pod ->
                    pod.state() == State.UNSCHEDULABLE
                        && !pod.since().plus(policy.unschedulableAfter()).isAfter(now));
        ScalingDecision decision = step.decision();
        String about = "seed " + seed + " tick " + tick + ": " + decision;
        assertTrue(!stuck || decision.desired() <= decision.from(), about);
        boolean wantsMore = policy.clamp(decision.recommendation().replicas()) > decision.desired();
        assertEquals(
            stuck && wantsMore, decision.outcome() == Outcome.HELD_BY_UNSCHEDULABLE, about);
        most = Math.max(most, decision.desired());
        state = step.state();
      }
      assertTrue(most > 1, "seed " + seed + ": it grew to " + most);
    }
  }

  private static List<Replica> pods(
      int wanted, int room, Map<Integer, Instant> since, Instant now, int tokens) {
    since.keySet().removeIf(pod -> pod >= wanted);
    List<Replica> pods = new ArrayList<>();
    for (int i = 0; i < wanted; i++) {
      Instant from = since.computeIfAbsent(i, pod -> now);
      boolean started = from.plusSeconds(60).isBefore(now) || i == 0;
      State state = i >= room ? State.UNSCHEDULABLE : started ? State.SERVING : State.STARTING;
      Optional<ReplicaLoad> load =
          state == State.SERVING ? Optional.of(load(tokens, 0, 0, 0)) : Optional.empty();
      pods.add(new Replica("pod-" + i, state, from, load, now));
    }
    return pods;
  }

  @Test
  void zeroIsReachedOnlyAfterTheIdleTimeAndLeftAtOnce() {
    ScalingPolicy toZero = ScalingPolicy.between(0, 20);
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ScalingState state = ScalingState.start(1, START);
      Instant lastRequest = START;
      int zeros = 0;
      for (int tick = 0; tick < 2000; tick++) {
        Instant now = at(tick);
        boolean asked = random.nextInt(300) == 0;
        lastRequest = asked ? now : lastRequest;
        List<Replica> pods =
            state.desired() == 0 ? List.of() : List.of(serving("a", load(0, 0, 0, 0), now));
        Scaler.Step step =
            new Scaler(toZero)
                .decide(new TelemetrySnapshot(now, pods, asked ? 1 : 0, 0), SPEC, state);
        int desired = step.decision().desired();
        String about = "seed " + seed + " tick " + tick + ": " + step.decision();
        boolean idle = !lastRequest.plus(toZero.idleAfter()).isAfter(now);
        assertEquals(idle ? 0 : 1, desired == 0 ? 0 : 1, about);
        zeros += desired == 0 ? 1 : 0;
        state = step.state();
      }
      assertTrue(zeros > 0, "seed " + seed + " was never idle for long enough");
    }
  }

  @Test
  void onlySaturatedReplicasTeachWhateverTheRatesAre() {
    Capacity benchmark = Capacity.measured(PROMPT, OUTPUT, CACHE);
    for (long seed = 0; seed < CASES; seed++) {
      ScalingState state = ScalingState.start(3, START);
      List<ReplicaLoad> history = history(new SplittableRandom(seed), 100);
      for (int tick = 0; tick < history.size(); tick++) {
        state =
            new Scaler(policy).decide(one(history.get(tick), at(tick)), benchmark, state).state();
      }
      assertEquals(LearnedCapacity.nothing(), state.learned(), "seed " + seed);
    }
  }

  /** Whatever is seen under load, and whatever a replica says of itself. */
  @Test
  void aNumberOfTheUsersStands() {
    for (long seed = 0; seed < CASES; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      ScalingState state =
          new ScalingState(
              3,
              Maxima.from(START),
              START,
              new LearnedCapacity(Map.of(random.nextInt(20), 0.05 + random.nextDouble())));
      ReplicaLoad slow =
          new ReplicaLoad(
              50, 5, random.nextInt(90_000), 50_000, CACHE, 100, 10, 1 + random.nextInt(90), 10);
      Scaler.Step step = new Scaler(policy).decide(one(slow, START), SPEC, state);
      assertEquals(SPEC, step.decision().recommendation().inputs().capacity(), "seed " + seed);
      assertEquals(state.learned(), step.state().learned(), "seed " + seed);
    }
  }
}
