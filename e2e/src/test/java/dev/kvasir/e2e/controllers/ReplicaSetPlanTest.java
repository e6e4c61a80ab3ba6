package dev.kvasir.e2e.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ReplicaSet;
import io.fabric8.kubernetes.api.model.apps.ReplicaSetBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ReplicaSetPlanTest {
  private static final Instant NOW = Instant.parse("2026-01-01T10:00:00Z");

  @Test
  void leavesAsManyActivePodsAsWantedWhateverIsThere() {
    for (int seed = 0; seed < 1000; seed++) {
      var random = new SplittableRandom(seed);
      int wanted = random.nextInt(0, 6);
      List<Pod> pods = randomPods(random);
      int active = (int) pods.stream().filter(PodFacts::isActive).count();
      ReplicaSetPlan plan = ReplicaSetPlan.of(set(wanted, 0), pods, NOW);
      String what = "seed " + seed + ": " + plan;
      assertEquals(wanted, active + plan.create() - plan.delete().size(), what);
      assertTrue(plan.create() == 0 || plan.delete().isEmpty(), what);
      assertTrue(plan.delete().stream().allMatch(PodFacts::isActive), what);
      assertEquals(active, plan.status().getReplicas().intValue(), what);
    }
  }

  @Test
  void aSetThatIsBeingDeletedCreatesNothing() {
    ReplicaSet deleted =
        new ReplicaSetBuilder(set(3, 0))
            .editMetadata()
            .withDeletionTimestamp("2026-01-01T00:00:00Z")
            .endMetadata()
            .build();
    assertEquals(0, ReplicaSetPlan.of(deleted, List.of(), NOW).create());
  }

  @Test
  void aPodIsAvailableAfterMinReadySeconds() {
    List<Pod> pods = List.of(TestingPods.pod("a").readySince("2026-01-01T09:59:50Z").build());
    ReplicaSetPlan early = ReplicaSetPlan.of(set(1, 30), pods, NOW);
    assertEquals(1, early.status().getReadyReplicas());
    assertEquals(0, early.status().getAvailableReplicas());
    assertEquals(Optional.of(Duration.ofSeconds(20)), early.lookAgainIn());
    ReplicaSetPlan late = ReplicaSetPlan.of(set(1, 30), pods, NOW.plusSeconds(20));
    assertEquals(1, late.status().getAvailableReplicas());
    assertEquals(Optional.empty(), late.lookAgainIn());
  }

  private static List<Pod> randomPods(SplittableRandom random) {
    var pods = new ArrayList<Pod>();
    for (int i = random.nextInt(0, 8); i > 0; i--) {
      var pod = TestingPods.pod("pod-" + i);
      switch (random.nextInt(5)) {
        case 0 -> pod.phase("Failed");
        case 1 -> pod.deletedAt("2026-01-01T00:00:00Z");
        case 2 -> pod.readySince("2026-01-01T00:00:00Z");
        case 3 -> pod.node(null).phase("Pending");
        default -> {}
      }
      pods.add(pod.build());
    }
    return pods;
  }

  private static ReplicaSet set(int replicas, int minReadySeconds) {
    return new ReplicaSetBuilder()
        .withNewMetadata()
        .withName("set")
        .withUid("uid-set")
        .endMetadata()
        .withNewSpec()
        .withReplicas(replicas)
        .withMinReadySeconds(minReadySeconds)
        .endSpec()
        .build();
  }
}
