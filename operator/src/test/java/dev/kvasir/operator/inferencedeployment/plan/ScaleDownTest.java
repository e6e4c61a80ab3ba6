package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.inferencedeployment.plan.PodAction.Kind;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/**
 * Scale-downs one by one, and over random histories beside a ReplicaSet that plays by its rules.
 */
class ScaleDownTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Duration LONGEST = Duration.ofMinutes(10);
  private static final int CASES = 500;

  private static TestingPod pod(String name, double work) {
    TestingPod pod = new TestingPod(name);
    pod.streams = work;
    pod.started = true;
    return pod;
  }

  private static ScaleDown plan(int wanted, int current, TestingPod... pods) {
    return ScaleDown.plan(input(wanted, current, List.of(pods), START));
  }

  private static ScaleDown.Input input(
      int wanted, int current, List<TestingPod> pods, Instant now) {
    return new ScaleDown.Input(
        wanted, current, pods.stream().map(TestingPod::facts).toList(), false, LONGEST, now);
  }

  private static List<String> said(ScaleDown plan) {
    return plan.actions().stream()
        .map(action -> action.kind() + " " + action.pod().getMetadata().getName())
        .toList();
  }

  @Test
  void theOneWithTheLeastWorkDrainsAndTheNumberStays() {
    ScaleDown plan = plan(1, 2, pod("a", 3), pod("b", 1));
    assertEquals(List.of("DRAIN b"), said(plan));
    assertEquals(2, plan.replicas());
    assertEquals("b finishes its requests and goes", plan.decisions().getFirst().sentence());
  }

  @Test
  void whatCannotBeReadGoesLast() {
    ScaleDown plan = plan(1, 2, pod("a", Double.POSITIVE_INFINITY), pod("b", 100));
    assertEquals(List.of("DRAIN b"), said(plan));
  }

  @Test
  void anEmptyOneGoesOnceItIsSeenToBeTheCheapest() {
    TestingPod empty = pod("b", 0).draining(START);
    empty.drained = true;
    ScaleDown first = plan(1, 2, pod("a", 3), empty);
    assertEquals(List.of("LEAVE b"), said(first));
    assertEquals(2, first.replicas(), "a ReplicaSet would not know yet which");
    empty.cost = PodAction.cost(Kind.LEAVE);
    assertEquals(1, plan(1, 2, pod("a", 3), empty).replicas());
  }

  @Test
  void afterItsTimeItGoesWithWhatItHas() {
    TestingPod slow = pod("b", 5).draining(START.minus(LONGEST));
    assertEquals(List.of("LEAVE b"), said(plan(1, 2, pod("a", 3), slow)));
  }

  @Test
  void aPodThatHasNotStartedGoesFirstAndAtOnce() {
    TestingPod starting = pod("new", 0);
    starting.started = false;
    starting.ready = false;
    ScaleDown plan = plan(1, 2, pod("a", 0), starting);
    assertEquals(List.of("LEAVE new"), said(plan));
    starting.cost = PodAction.cost(Kind.LEAVE);
    assertEquals(1, plan(1, 2, pod("a", 0), starting).replicas());
  }

  @Test
  void aDrainIsUndoneWhenAnotherPodIsNotReady() {
    TestingPod sick = pod("a", 3);
    sick.ready = false;
    ScaleDown plan = plan(1, 2, sick, pod("b", 1).draining(START));
    assertEquals(List.of("RETURN b"), said(plan));
    assertEquals(2, plan.replicas());
  }

  @Test
  void aDrainIsUndoneWhenThePodIsWantedAgain() {
    ScaleDown plan = plan(2, 2, pod("a", 3), pod("b", 1).draining(START));
    assertEquals(List.of("RETURN b"), said(plan));
  }

  @Test
  void whileTheReplicaSetIsStillDeletingNothingIsUndone() {
    TestingPod leaving = pod("b", 0).draining(START);
    leaving.drained = true;
    leaving.cost = PodAction.cost(Kind.LEAVE);
    ScaleDown plan = plan(1, 1, pod("a", 3), leaving);
    assertEquals(List.of("LEAVE b"), said(plan));
    assertEquals(1, plan.replicas());
  }

  @Test
  void podsThatAreNotThereAreNotWaitedFor() {
    assertEquals(2, plan(2, 5, pod("a", 1), pod("b", 1)).replicas());
  }

  @Test
  void duringARolloutTheDeploymentsControllerChooses() {
    ScaleDown plan =
        ScaleDown.plan(
            new ScaleDown.Input(
                1, 2, List.of(pod("a", 1).facts(), pod("b", 1).facts()), true, LONGEST, START));
    assertEquals(1, plan.replicas());
    assertEquals(List.of(), plan.actions());
  }

  @Test
  void whateverHappensAReplicaSetOnlyTakesPodsThatLoseNothing() {
    for (long seed = 0; seed < CASES; seed++) {
      TestingCluster cluster = new TestingCluster(seed);
      for (int tick = 0; tick < 200; tick++) {
        cluster.tick(true);
      }
      cluster.settle();
    }
  }

  /** A pod with what a kubelet and the operator have done to it. */
  private static final class TestingPod {
    private final String name;
    private boolean started;
    private boolean ready = true;
    private boolean drained;
    private double streams;
    private Instant since;
    private String cost;

    TestingPod(String name) {
      this.name = name;
    }

    TestingPod draining(Instant at) {
      since = at;
      cost = PodAction.cost(Kind.DRAIN);
      return this;
    }

    int costs() {
      return cost == null ? 0 : Integer.parseInt(cost);
    }

    PodFacts facts() {
      PodBuilder pod = new PodBuilder().withNewMetadata().withName(name).endMetadata();
      if (cost != null) {
        pod.editMetadata().addToAnnotations(Names.DELETION_COST, cost).endMetadata();
      }
      return new PodFacts(
          pod.build(),
          started,
          ready,
          Optional.empty(),
          Optional.ofNullable(since),
          drained,
          streams);
    }
  }

  private static final class TestingCluster {
    private final long seed;
    private final SplittableRandom random;
    private final List<TestingPod> pods = new ArrayList<>();
    private Instant now = START;
    private int wanted = 2;
    private int replicas = 2;
    private int made;

    TestingCluster(long seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
    }

    void tick(boolean restless) {
      now = now.plusSeconds(2);
      pods.forEach(pod -> live(pod, restless));
      if (restless && random.nextInt(8) == 0) {
        wanted = random.nextInt(0, 6);
      }
      ScaleDown plan = ScaleDown.plan(input(wanted, replicas, pods, now));
      plan.actions().forEach(this::act);
      replicas = plan.replicas();
      assertTrue(replicas >= wanted, "seed " + seed + ": fewer than wanted");
      replicaSet();
    }

    private void live(TestingPod pod, boolean restless) {
      if (restless && random.nextInt(100) == 0) {
        pod.started = false;
        pod.ready = false;
        pod.drained = false;
        pod.streams = 0;
      } else if (!pod.started) {
        pod.started = random.nextInt(4) == 0;
        pod.ready = pod.started && pod.since == null;
      } else if (pod.since == null) {
        pod.ready = !restless || random.nextInt(50) != 0;
        pod.streams = random.nextInt(5);
      } else {
        pod.ready = false;
        pod.streams = Math.max(0, pod.streams - random.nextInt(2));
        pod.drained = pod.streams == 0;
      }
    }

    private void act(PodAction action) {
      TestingPod pod =
          pods.stream()
              .filter(each -> each.name.equals(action.pod().getMetadata().getName()))
              .findFirst()
              .orElseThrow();
      if (action.kind() == Kind.RETURN) {
        pod.since = null;
        pod.cost = null;
        pod.drained = false;
      } else {
        pod.since = pod.since == null ? now : pod.since;
        pod.cost = PodAction.cost(action.kind());
      }
    }

    private void replicaSet() {
      pods.sort(
          Comparator.comparing((TestingPod pod) -> pod.ready).thenComparingInt(TestingPod::costs));
      while (pods.size() > replicas) {
        TestingPod gone = pods.removeFirst();
        boolean hadItsTime = gone.since != null && !gone.since.plus(LONGEST).isAfter(now);
        assertTrue(
            gone.streams == 0 || hadItsTime,
            "seed " + seed + ": " + gone.name + " had " + gone.streams + " streams");
      }
      while (pods.size() < replicas) {
        TestingPod pod = new TestingPod("pod-" + made++);
        pod.ready = false;
        pods.add(pod);
      }
    }

    /** Left alone, it comes to what is wanted. */
    void settle() {
      for (int tick = 0; tick < 400; tick++) {
        tick(false);
      }
      assertEquals(wanted, replicas, "seed " + seed);
      assertEquals(wanted, pods.size(), "seed " + seed);
      assertTrue(pods.stream().allMatch(pod -> pod.since == null), "seed " + seed);
    }
  }
}
