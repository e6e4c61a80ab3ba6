package dev.kvasir.operator.inferencedeployment.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.operator.TestingSpecs;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class RolloutBoundsTest {
  private static final Instant NOW = Instant.parse("2026-01-01T00:10:00Z");
  private static final Instant LONG_AGO = NOW.minus(RolloutBounds.PATIENCE);

  @Test
  void noPodMayBeMissingUnlessItIsSaid() {
    assertEquals("1 0", bounds("{}", 2));
    assertEquals("25% 2", bounds("{maxSurge: 25%, maxUnavailable: 2}", 2));
    assertEquals("0 1", bounds("{maxSurge: 0}", 2), "or no pod could ever be replaced");
  }

  @Test
  void anOldPodGoesFirstWhereTheNewOneFindsNoRoom() {
    assertEquals(
        "1 1 makes room", bounds("{}", 2, ready("old"), ready("old"), waiting("new", LONG_AGO)));
  }

  @Test
  void aNodeThatIsOnItsWayIsWaitedFor() {
    assertEquals(
        "1 0",
        bounds("{}", 2, ready("old"), ready("old"), waiting("new", LONG_AGO.plusSeconds(1))));
  }

  @Test
  void theOnlyOneThatServesStays() {
    assertEquals("1 0", bounds("{}", 1, ready("old"), waiting("new", LONG_AGO)));
  }

  @Test
  void aPodThatServesNothingMakesWay() {
    assertEquals("1 1 makes room", bounds("{}", 1, starting("old"), waiting("new", LONG_AGO)));
  }

  @Test
  void whatTheUserSaidHolds() {
    assertEquals(
        "1 0",
        bounds("{maxUnavailable: 0}", 2, ready("old"), ready("old"), waiting("new", LONG_AGO)));
  }

  @Test
  void growthIsNoRollout() {
    assertEquals("1 0", bounds("{}", 3, ready("new"), ready("new"), waiting("new", LONG_AGO)));
    assertEquals("1 0", bounds("{}", 3, ready("old"), waiting("old", LONG_AGO)));
  }

  private static String bounds(String rollout, int wanted, PodFacts... pods) {
    RolloutBounds bounds =
        RolloutBounds.of(
            TestingSpecs.spec("{model: {uri: 'bundled://m'}, rollout: %s}".formatted(rollout))
                .rollout(),
            "new",
            wanted,
            new Planner.PodsNow(List.of(pods), NOW));
    return bounds.maxSurge().getValue()
        + " "
        + bounds.maxUnavailable().getValue()
        + (bounds.makesRoom() ? " makes room" : "");
  }

  private static PodFacts ready(String revision) {
    return pod(revision, true, Optional.empty());
  }

  private static PodFacts starting(String revision) {
    return pod(revision, false, Optional.empty());
  }

  private static PodFacts waiting(String revision, Instant since) {
    return pod(revision, false, Optional.of(since));
  }

  private static PodFacts pod(String revision, boolean ready, Optional<Instant> waitingSince) {
    return new PodFacts(
        new PodBuilder()
            .withNewMetadata()
            .addToLabels(Names.REVISION, revision)
            .endMetadata()
            .build(),
        ready,
        ready,
        waitingSince,
        Optional.empty(),
        false,
        0);
  }
}
