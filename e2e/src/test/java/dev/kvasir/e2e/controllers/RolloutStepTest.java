package dev.kvasir.e2e.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Rollouts played through with pods that come up, fail and go in any order. */
class RolloutStepTest {
  private static final int CASES = 3000;
  private static final int MAX_STEPS = 400;

  @Test
  void aRolloutKeepsItsLimitsAndEnds() {
    for (int seed = 0; seed < CASES; seed++) {
      new Rollout(seed).play();
    }
  }

  @Test
  void aRecreateStartsOnlyWhenNothingOldIsLeft() {
    for (int seed = 0; seed < CASES; seed++) {
      new Rollout(seed).playRecreate();
    }
  }

  @Test
  void growsByTheSurgeFirst() {
    var current = new ReplicaCount("new", 0, 0, 0);
    var old = List.of(new ReplicaCount("old", 3, 3, 3));
    assertEquals(Map.of("new", 1), RolloutStep.rolling(3, new RolloutLimits(1, 0), current, old));
  }

  @Test
  void givesUpOldPodsOnlyForAvailableNewOnes() {
    var old = List.of(new ReplicaCount("old", 3, 3, 3));
    var limits = new RolloutLimits(1, 0);
    assertEquals(Map.of(), RolloutStep.rolling(3, limits, new ReplicaCount("new", 1, 0, 1), old));
    assertEquals(
        Map.of("old", 2), RolloutStep.rolling(3, limits, new ReplicaCount("new", 1, 1, 1), old));
  }

  @Test
  void oldPodsThatDoNotServeGoFirst() {
    var old = List.of(new ReplicaCount("older", 2, 2, 2), new ReplicaCount("old", 2, 0, 2));
    var step =
        RolloutStep.rolling(3, new RolloutLimits(1, 0), new ReplicaCount("new", 0, 0, 0), old);
    assertEquals(
        Map.of("old", 1),
        step,
        "4 pods are there and 4 are allowed: one that doesn't serve makes room");
  }

  /**
   * Pods per set, each available or not; deletion takes the unavailable ones first, as a ReplicaSet
   * does.
   */
  private static final class Rollout {
    private final int seed;
    private final SplittableRandom random;
    private final int replicas;
    private final RolloutLimits limits;
    private final List<Integer> wanted = new ArrayList<>();
    private final List<Integer> available = new ArrayList<>();
    private int ending;

    Rollout(int seed) {
      this.seed = seed;
      this.random = new SplittableRandom(seed);
      this.replicas = random.nextInt(0, 8);
      int surge = random.nextInt(0, 4);
      this.limits =
          new RolloutLimits(surge, surge == 0 ? 1 : Math.min(replicas, random.nextInt(0, 4)));
      int left = replicas + limits.maxSurge();
      for (int set = random.nextInt(1, 4); set > 0; set--) {
        int size = random.nextInt(0, left + 1);
        wanted.add(size);
        available.add(random.nextInt(0, size + 1));
        left -= size;
      }
      wanted.add(0);
      available.add(0);
    }

    void play() {
      for (int step = 0; step < MAX_STEPS && !isDone(); step++) {
        Map<String, Integer> change = RolloutStep.rolling(replicas, limits, count(last()), old());
        int before = sum(available);
        change.forEach((name, size) -> resize(Integer.parseInt(name), size));
        checkLimits(before, change);
        podsChange(step > MAX_STEPS / 2);
      }
      assertTrue(isDone(), () -> describe("did not end"));
    }

    void playRecreate() {
      for (int step = 0; step < MAX_STEPS && !isDone(); step++) {
        Map<String, Integer> change = RolloutStep.recreate(replicas, count(last()), old());
        boolean starts = change.containsKey(Integer.toString(last()));
        assertTrue(
            !starts || (sum(wanted) == 0 && ending == 0),
            () -> describe("started beside old pods: " + change));
        change.forEach((name, size) -> resize(Integer.parseInt(name), size));
        ending = ending > 0 && random.nextBoolean() ? ending - 1 : ending;
        podsChange(true);
      }
      assertTrue(isDone(), () -> describe("did not end"));
    }

    private void checkLimits(int availableBefore, Map<String, Integer> change) {
      assertTrue(
          sum(wanted) <= replicas + limits.maxSurge(),
          () -> describe("too many pods after " + change));
      int floor = Math.min(availableBefore, replicas - limits.maxUnavailable());
      assertTrue(sum(available) >= floor, () -> describe("too few available after " + change));
      assertTrue(
          change.values().stream().allMatch(size -> size >= 0),
          () -> describe("negative size in " + change));
    }

    private void resize(int set, int size) {
      ending += Math.max(0, wanted.get(set) - size);
      wanted.set(set, size);
      available.set(set, Math.min(available.get(set), size));
    }

    /** In the second half pods no longer fail, so that the rollout can end. */
    private void podsChange(boolean healing) {
      for (int set = 0; set < wanted.size(); set++) {
        boolean comesUp = available.get(set) < wanted.get(set) && random.nextInt(3) == 0;
        boolean fails = !healing && available.get(set) > 0 && random.nextInt(6) == 0;
        available.set(set, available.get(set) + (comesUp ? 1 : 0) - (fails ? 1 : 0));
      }
    }

    private boolean isDone() {
      return wanted.get(last()) == replicas
          && available.get(last()) == replicas
          && sum(wanted) == replicas;
    }

    private int last() {
      return wanted.size() - 1;
    }

    private List<ReplicaCount> old() {
      var old = new ArrayList<ReplicaCount>();
      for (int set = 0; set < last(); set++) {
        old.add(count(set));
      }
      return old;
    }

    private ReplicaCount count(int set) {
      return new ReplicaCount(
          Integer.toString(set),
          wanted.get(set),
          available.get(set),
          wanted.get(set) + (set == 0 ? ending : 0));
    }

    private static int sum(List<Integer> numbers) {
      return numbers.stream().mapToInt(Integer::intValue).sum();
    }

    private String describe(String what) {
      return "seed "
          + seed
          + ": "
          + what
          + "; "
          + replicas
          + " replicas, "
          + limits
          + ", wanted "
          + wanted
          + ", available "
          + available;
    }
  }
}
