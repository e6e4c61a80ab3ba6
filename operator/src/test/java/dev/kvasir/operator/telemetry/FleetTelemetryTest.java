package dev.kvasir.operator.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.AcceleratorStatus;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import dev.kvasir.operator.telemetry.DeploymentView.Published;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class FleetTelemetryTest {
  private static final String ONE_TO_FIVE =
      "{model: {uri: 'bundled://sample'}, scaling: {maxReplicas: 5, scaleDown: {stabilization:"
          + " 30s}}}";
  private static final String HOLDER = "http://127.0.0.9:8080/metrics";
  private static final String ZERO_TO_FIVE =
      "{model: {uri: 'bundled://sample'}, scaling: {minReplicas: 0, maxReplicas: 5, idleAfter: 20s,"
          + " scaleDown: {stabilization: 10s}}}";

  @Test
  void aBacklogIsSeenInTheFirstRound() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
    fleet.says("10.0.0.1", 4, 9, 4500, 0);
    fleet.tick();
    assertEquals(3, fleet.desired(), "4500 tokens / (1000 a second x 1.5 s)");
    assertEquals(13, fleet.view().work().get("uid-10.0.0.1"));
    assertEquals(Outcome.UP, fleet.decisions.getFirst().outcome());
  }

  @Test
  void aUsersNumberWinsOverAPodsOwnMeasure() throws Exception {
    TestingFleet fleet =
        new TestingFleet(
            "{model: {uri: 'bundled://sample'}, scaling: {maxReplicas: 5, targets:"
                + " {promptTokensPerSecond: 3000}}}");
    fleet.addPod("10.0.0.1");
    fleet.says("10.0.0.1", 4, 0, 5000, 0);
    fleet.tick();
    assertEquals(2, fleet.desired(), "5000 tokens / (3000 a second x 1.5 s)");
    String sentence = fleet.decisions.getFirst().sentence();
    assertTrue(sentence.contains("computes 3000 a second (the spec)"), sentence);
  }

  @Test
  void whatIsLearnedUnderSaturationWinsOverAPodsOwnMeasure() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
    fleet.says("10.0.0.1", 4, 9, 2000, 0);
    fleet.tick();
    String first = fleet.decisions.getFirst().sentence();
    assertTrue(first.contains("computes 1000 a second (the replica's own benchmark)"), first);
    for (int i = 1; i < 60; i++) {
      fleet.says("10.0.0.1", 4, 9, 2000, 100 * i);
      fleet.tick();
    }
    Capacity capacity = fleet.view().capacity();
    assertEquals(Capacity.Source.LEARNED, capacity.source());
    assertEquals(50, capacity.outputTokensPerSecond(), 1, "half of what it says of itself");
    assertEquals(500, capacity.promptTokensPerSecond(), 10);
  }

  @Test
  void aMeasureIsKeptAtZeroReplicasAndForgottenWithItsRevision() throws Exception {
    TestingFleet fleet = new TestingFleet(ZERO_TO_FIVE);
    fleet.addPod("10.0.0.1");
    fleet.says("10.0.0.1", 0, 0, 0, 0);
    fleet.tick();
    fleet.pods.clear();
    fleet.tick();
    assertEquals(1000, fleet.view().capacity().promptTokensPerSecond());

    fleet.revision = "r2";
    fleet.tick();

    assertEquals(Capacity.Source.UNKNOWN, fleet.view().capacity().source());
  }

  @Test
  void onePodThatDoesNotAnswerHidesNoOther() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(2, ONE_TO_FIVE);
    fleet.says("10.0.0.1", 4, 9, 4500, 0);
    fleet.tick();
    assertEquals(3, fleet.desired());
    assertEquals(1, fleet.view().pods().unreadable());
    fleet.pages.put("10.0.0.2", "no metrics { at all");
    fleet.tick();
    assertEquals(1, fleet.view().pods().unreadable(), "a page that makes no sense is missing");
  }

  @Test
  void whatCannotBeReadIsNeverScaledDown() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(2, ONE_TO_FIVE);
    fleet.idles("10.0.0.1");
    fleet.tickAt(2, 100);
    fleet.idles("10.0.0.2");
    fleet.tick();
    assertEquals(1, fleet.desired(), "the window has long passed");
  }

  @Test
  void withoutAHolderZeroCountsAsOne() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ZERO_TO_FIVE);
    fleet.idles("10.0.0.1");
    fleet.tickAt(1, 60);
    assertTrue(fleet.view().zeroIsOne());
  }

  @Test
  void toZeroWhenIdleAndBackWhenARequestIsHeld() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ZERO_TO_FIVE, HOLDER);
    fleet.pages.put("127.0.0.9", "");
    fleet.idles("10.0.0.1");
    for (int i = 0; i < 15; i++) {
      fleet.tick();
    }
    assertEquals(0, fleet.desired());
    fleet.pods.clear();
    fleet.asked = 0;
    fleet.tick();
    assertEquals(0, fleet.desired());
    fleet.pages.put(
        "127.0.0.9", "kvasir_held_requests{namespace=\"models\",deployment=\"sample\"} 2\n");
    fleet.tick();
    assertEquals(1, fleet.desired());
    assertEquals(2, fleet.view().figures().held());
    assertEquals(2, fleet.view().figures().waiting(), "what is held waits, too");
  }

  @Test
  void latenciesAreThoseOfTheLastMinute() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
    String page = "vllm:num_requests_running 1\nvllm:inter_token_latency_seconds_bucket{le=";
    fleet.pages.put("10.0.0.1", page + "\"0.1\"} 0\n" + between("0.2", 50));
    fleet.tick();
    fleet.pages.put("10.0.0.1", page + "\"0.1\"} 100\n" + between("0.2", 150));
    fleet.tick();
    assertEquals(0.095, fleet.view().figures().interTokenP95().orElseThrow(), 1e-9);
    assertTrue(fleet.view().figures().firstTokenP95().isEmpty());
  }

  private static String between(String bound, int count) {
    return "vllm:inter_token_latency_seconds_bucket{le=\"%s\"} %d\n".formatted(bound, count);
  }

  @Test
  void aHolderThatIsSilentNeitherTakesTheLastPodNorWakesOne() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ZERO_TO_FIVE, HOLDER);
    fleet.idles("10.0.0.1");
    fleet.tickAt(1, 30);
    assertFalse(fleet.view().zeroIsOne());
  }

  @Test
  void aRestartedPodsCountersBeginAnew() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
    fleet.says("10.0.0.1", 1, 0, 0, 100);
    fleet.tick();
    fleet.says("10.0.0.1", 1, 0, 0, 180);
    fleet.tick();
    assertEquals(40, fleet.view().figures().outputTokensPerSecond(), 1e-9);
    fleet.says("10.0.0.1", 1, 0, 0, 10);
    fleet.tick();
    assertEquals(0, fleet.view().figures().outputTokensPerSecond(), 1e-9);
  }

  /** Whatever the load does, the status is given figures seldom, and decisions at once. */
  @Test
  void figuresArePublishedAtMostEveryTenSeconds() throws Exception {
    for (long seed = 0; seed < 30; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
      List<Published> seen = new ArrayList<>();
      int output = 0;
      for (int i = 0; i < 200; i++) {
        output += random.nextInt(300);
        fleet.says("10.0.0.1", random.nextInt(9), random.nextInt(2), random.nextInt(3000), output);
        int before = fleet.decisions.size();
        int wanted = fleet.telemetry.view(TestingFleet.KEY).map(v -> fleet.desired()).orElse(1);
        fleet.tick();
        Published now = fleet.view().published();
        boolean decided = fleet.desired() != wanted;
        assertTrue(!decided || fleet.decisions.size() > before, "a change is recorded");
        assertTrue(!decided || now.at().equals(fleet.now), "and published at once");
        if (seen.isEmpty() || !now.equals(seen.getLast())) {
          assertTrue(
              decided || seen.isEmpty() || apart(seen.getLast().at(), now.at()) >= 10,
              "seed " + seed + ": " + seen + " and then " + now);
          seen.add(now);
        }
        assertTrue(apart(now.at(), fleet.now) < 70, "the state is kept fresh");
      }
    }
  }

  private static long apart(Instant a, Instant b) {
    return Duration.between(a, b).toSeconds();
  }

  @Test
  void aThousandDeploymentsPublishNoMoreThanFiftyASecond() throws Exception {
    TestingFleet clock = new TestingFleet(ONE_TO_FIVE);
    List<Member> members = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      TestingFleet one = new TestingFleet("{model: {uri: 'bundled://sample'}}");
      one.resource.getMetadata().setName("m" + i);
      one.addPod("10.1." + i / 250 + "." + i % 250);
      members.add(one.member());
    }
    int news = clock.telemetry.round(members).size();
    assertEquals(1000, news, "the first time, all are told of");
    for (int tick = 0; tick < 30; tick++) {
      clock.now = clock.now.plusSeconds(2);
      for (int i = 0; i < 1000; i++) {
        clock.says("10.1." + i / 250 + "." + i % 250, tick % 7, 0, 0, tick);
      }
      int woken = clock.telemetry.round(members).size();
      assertTrue(tick == 0 || woken <= 100, "round " + tick + " woke " + woken);
    }
  }

  @Test
  void cardsAreCountedByKind() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(4, ONE_TO_FIVE);
    fleet.saysOnCard("10.0.0.1", "A", 85520809984L, 3L << 30);
    fleet.saysOnCard("10.0.0.2", "B", 151397597184L, 3L << 30);
    fleet.saysOnCard("10.0.0.3", "B", 151397597184L, 4L << 30);
    fleet.idles("10.0.0.4");
    fleet.tick();
    assertEquals(
        List.of(
            new AcceleratorStatus("B", "141.0Gi", "CUDA 13.0", 2, "3.5Gi", "512Mi"),
            new AcceleratorStatus("A", "79.6Gi", "CUDA 13.0", 1, "3.0Gi", "512Mi")),
        fleet.view().published().accelerators());
  }

  @Test
  void aResourceMadeAnewIsAnotherOne() throws Exception {
    TestingFleet fleet = TestingFleet.ofPods(1, ONE_TO_FIVE);
    fleet.says("10.0.0.1", 4, 9, 4500, 0);
    fleet.tick();
    fleet.resource.getMetadata().setUid("another");
    fleet.idles("10.0.0.1");
    fleet.tick();
    assertEquals(1, fleet.desired());
  }
}
