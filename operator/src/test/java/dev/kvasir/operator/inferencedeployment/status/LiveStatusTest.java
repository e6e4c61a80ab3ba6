package dev.kvasir.operator.inferencedeployment.status;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.StreamsStatus;
import dev.kvasir.operator.inferencedeployment.Death;
import dev.kvasir.operator.inferencedeployment.Live;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LiveStatusTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");

  private static StreamsStatus streams(StreamsStatus before, Death... deaths) {
    InferenceDeploymentStatus status =
        new InferenceDeploymentStatus(
            1L, null, null, null, null, 1, 1, 1, null, null, null, null, null, before, List.of());
    Live live = new Live(Optional.empty(), Set.of(), List.of(deaths), Optional.empty());
    return new LiveStatus(Optional.of(status), live, false).streams();
  }

  private static Death death(Instant at, long dropped, boolean early) {
    return new Death("pod", at, dropped, false, early);
  }

  @Test
  void addsWhatIsNew() {
    StreamsStatus streams =
        streams(new StreamsStatus(3L, null), death(NOON, 2, false), death(NOON, 1, false));
    assertEquals(new StreamsStatus(6L, "2026-11-24T12:00:00Z"), streams);
  }

  @Test
  void whatAnOperatorBeforeHasCountedIsNotCountedAgain() {
    StreamsStatus before = new StreamsStatus(3L, NOON.toString());
    assertEquals(before, streams(before, death(NOON, 2, true)));
    assertEquals(5, streams(before, death(NOON.plusSeconds(1), 2, true)).dropped());
    assertEquals(5, streams(before, death(NOON, 2, false)).dropped(), "it happened just now");
  }

  @Test
  void outcomesAreWords() {
    assertEquals("HeldByStaleTelemetry", LiveStatus.word(Outcome.HELD_BY_STALE_TELEMETRY));
  }
}
