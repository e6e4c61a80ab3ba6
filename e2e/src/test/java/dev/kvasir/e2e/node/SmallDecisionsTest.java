package dev.kvasir.e2e.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.node.ProbeTracker.Verdict;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SmallDecisionsTest {
  @Test
  void theFirstRestartIsImmediateAndLaterOnesWaitTwiceAsLongUpToAMinute() {
    var delays = new ArrayList<Long>();
    var backOff = RestartBackOff.NONE;
    for (int i = 0; i < 10; i++) {
      backOff = backOff.afterRunOf(Duration.ofSeconds(1));
      delays.add(backOff.delay().toSeconds());
    }
    assertEquals(List.of(0L, 1L, 2L, 4L, 8L, 16L, 32L, 60L, 60L, 60L), delays);
    assertEquals(Duration.ZERO, backOff.afterRunOf(Duration.ofMinutes(11)).delay());
  }

  @Test
  void aVerdictNeedsItsThresholdInARowAndHoldsUntilTheOther() {
    var tracker = ProbeTracker.of(2, 3);
    tracker = tracker.after(true);
    assertEquals(Verdict.UNKNOWN, tracker.verdict());
    tracker = tracker.after(true);
    assertEquals(Verdict.PASSING, tracker.verdict());
    tracker = tracker.after(false).after(false);
    assertEquals(Verdict.PASSING, tracker.verdict());
    assertEquals(Verdict.PASSING, tracker.after(true).after(false).after(false).verdict());
    assertEquals(Verdict.FAILING, tracker.after(false).verdict());
  }

  @Test
  void restartPoliciesAreThoseOfKubernetes() {
    assertTrue(RestartPolicy.of(null).restarts(0));
    assertTrue(RestartPolicy.of("OnFailure").restarts(1));
    assertFalse(RestartPolicy.of("OnFailure").restarts(0));
    assertFalse(RestartPolicy.of("Never").restarts(137));
    assertFalse(RestartPolicy.of("Always").forInitContainers().restarts(0));
  }

  @Test
  void aPodThatIsBetweenTwoRunsHasNotEnded() {
    assertEquals("Running", PodStatuses.phase(podAfterExit(1, true)));
    assertEquals("Running", PodStatuses.phase(podAfterExit(0, true)));
    assertEquals("Failed", PodStatuses.phase(podAfterExit(1, false)));
    assertEquals("Succeeded", PodStatuses.phase(podAfterExit(0, false)));
  }

  private static PodView podAfterExit(int status, boolean restarting) {
    Instant then = Instant.EPOCH;
    var ended = new RunState.Terminated(status, "r", "m", then, then);
    var view = new ContainerView("c", "i", ended, Optional.empty(), 0, false, false, restarting);
    return new PodView("127.0.0.2", "127.0.0.1", then, List.of(), List.of(view));
  }

  @Test
  void aRuntimeClassIsRefused() {
    Pod pod = new PodBuilder().withNewSpec().withRuntimeClassName("nvidia").endSpec().build();
    String why = NodeFit.obstacle(pod, new NodeBuilder().build(), List.of()).orElseThrow();
    assertTrue(why.startsWith("node(s) have no runtime class nvidia"), why);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "node-runtime",
        "node-runtime:0.1.0",
        "ghcr.io/kvasir/node-runtime:0.1.0",
        "localhost:5000/node-runtime",
        "localhost:5000/a/b/node-runtime:1@sha256:0123"
      })
  void anImageIsKnownByTheLastPartOfItsRepository(String image) {
    assertEquals("node-runtime", ImageTable.name(image));
  }

  @Test
  void anUnknownImageHasNoEntryPoint() {
    var table = new ImageTable(Map.of("node-runtime", List.of("/bin/run")));
    assertTrue(table.entryPoint("example/other:1").isEmpty());
    assertEquals(List.of("/bin/run"), table.entryPoint("x/node-runtime:1").orElseThrow());
  }
}
