package dev.kvasir.e2e.controllers;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.fabric8.kubernetes.api.model.Pod;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PodDeletionOrderTest {
  @Test
  void thoseThatServeLeastGoFirstThenTheCheapestThenTheYoungest() {
    List<Pod> expected =
        List.of(
            TestingPods.pod("unassigned").node(null).phase("Pending").build(),
            TestingPods.pod("pending").phase("Pending").build(),
            TestingPods.pod("unready").cost("-5").build(),
            TestingPods.pod("cheap").cost("-1").readySince("2026-01-01T00:00:00Z").build(),
            TestingPods.pod("youngest").readySince("2026-01-01T02:00:00Z").build(),
            TestingPods.pod("younger").readySince("2026-01-01T01:00:00Z").build(),
            TestingPods.pod("restarted").restarts(3).readySince("2026-01-01T00:00:00Z").build(),
            TestingPods.pod("born later")
                .created("2026-01-01T00:00:05Z")
                .readySince("2026-01-01T00:00:00Z")
                .build(),
            TestingPods.pod("oldest").readySince("2026-01-01T00:00:00Z").build(),
            TestingPods.pod("dear").cost("7").readySince("2026-01-01T03:00:00Z").build());
    for (int seed = 0; seed < 200; seed++) {
      var shuffled = new ArrayList<>(expected);
      Collections.shuffle(shuffled, new Random(seed));
      assertEquals(
          names(expected),
          names(PodDeletionOrder.first(shuffled, expected.size())),
          "seed " + seed);
    }
  }

  private static List<String> names(List<Pod> pods) {
    return pods.stream().map(pod -> pod.getMetadata().getName()).toList();
  }
}
