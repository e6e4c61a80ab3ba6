package dev.kvasir.e2e.controllers;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One step of a rollout: new replica counts by ReplicaSet name. First the new set grows as the
 * surge allows; when it can't, the old ones shrink as far as availability allows. Old sets come
 * oldest first.
 */
final class RolloutStep {
  private RolloutStep() {}

  static Map<String, Integer> rolling(
      int replicas, RolloutLimits limits, ReplicaCount current, List<ReplicaCount> old) {
    int grown = grown(replicas, limits, current, old);
    if (grown != current.wanted()) {
      return Map.of(current.name(), grown);
    }
    return shrunk(replicas, limits, current, old);
  }

  /** The new set starts when nothing of the old ones is left. */
  static Map<String, Integer> recreate(int replicas, ReplicaCount current, List<ReplicaCount> old) {
    var step = new LinkedHashMap<String, Integer>();
    old.stream().filter(set -> set.wanted() > 0).forEach(set -> step.put(set.name(), 0));
    boolean oldGone = step.isEmpty() && old.stream().allMatch(set -> set.pods() == 0);
    if (oldGone && current.wanted() != replicas) {
      step.put(current.name(), replicas);
    }
    return step;
  }

  private static int grown(
      int replicas, RolloutLimits limits, ReplicaCount current, List<ReplicaCount> old) {
    if (current.wanted() >= replicas) {
      return replicas;
    }
    int room = replicas + limits.maxSurge() - current.wanted() - wanted(old);
    return current.wanted() + Math.clamp(room, 0, replicas - current.wanted());
  }

  private static Map<String, Integer> shrunk(
      int replicas, RolloutLimits limits, ReplicaCount current, List<ReplicaCount> old) {
    int minAvailable = replicas - limits.maxUnavailable();
    int newUnavailable = current.wanted() - Math.min(current.available(), current.wanted());
    int budget = current.wanted() + wanted(old) - minAvailable - newUnavailable;
    var step = new LinkedHashMap<String, Integer>();
    budget -= dropUnavailable(old, budget, step);
    int available =
        Math.min(current.available(), current.wanted())
            + old.stream().mapToInt(ReplicaCount::available).sum();
    dropAvailable(old, Math.min(budget, available - minAvailable), step);
    return step;
  }

  /** Old pods that don't serve cost nothing to give up. */
  private static int dropUnavailable(
      List<ReplicaCount> old, int budget, Map<String, Integer> step) {
    int dropped = 0;
    for (ReplicaCount set : old) {
      int drop = Math.clamp(budget - dropped, 0, Math.max(0, set.wanted() - set.available()));
      if (drop > 0) {
        step.put(set.name(), set.wanted() - drop);
        dropped += drop;
      }
    }
    return dropped;
  }

  private static void dropAvailable(List<ReplicaCount> old, int budget, Map<String, Integer> step) {
    int left = Math.max(0, budget);
    for (ReplicaCount set : old) {
      int wanted = step.getOrDefault(set.name(), set.wanted());
      int drop = Math.min(left, wanted);
      if (drop > 0) {
        step.put(set.name(), wanted - drop);
        left -= drop;
      }
    }
  }

  private static int wanted(List<ReplicaCount> sets) {
    return sets.stream().mapToInt(ReplicaCount::wanted).sum();
  }
}
