package dev.kvasir.operator.inferencedeployment;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.telemetry.DeploymentKey;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeathsTest {
  private static final Instant NOON = Instant.parse("2026-11-24T12:00:00Z");
  private static final DeploymentKey KEY = new DeploymentKey("models", "sample");

  private final Deaths deaths = new Deaths((key, uid) -> 3, Clock.fixed(NOON, ZoneOffset.UTC));

  private static PodBuilder pod() {
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("models")
        .withName("sample-1")
        .withUid("uid-1")
        .addToLabels(Names.INSTANCE, "sample")
        .endMetadata();
  }

  private static Pod ended(int exitCode, String message) {
    return pod()
        .withNewStatus()
        .addNewContainerStatus()
        .withName(Names.CONTAINER)
        .withNewState()
        .withNewTerminated()
        .withExitCode(exitCode)
        .withMessage(message)
        .withStartedAt("2026-11-24T11:00:00Z")
        .withFinishedAt("2026-11-24T11:59:00Z")
        .endTerminated()
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private static Pod running() {
    return pod()
        .withNewStatus()
        .addNewContainerStatus()
        .withName(Names.CONTAINER)
        .withNewState()
        .withNewRunning("2026-11-24T11:00:00Z")
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  @Test
  void countsWhatTheRuntimeSaidOnce() {
    Pod pod = ended(0, "{\"droppedStreams\":7}\n");
    deaths.changed(pod);
    deaths.changed(pod);
    deaths.gone(pod);
    assertEquals(1, deaths.of(KEY).size());
    assertEquals(7, deaths.of(KEY).getFirst().dropped());
    assertFalse(deaths.of(KEY).getFirst().estimated());
    deaths.counted(KEY, deaths.of(KEY));
    assertEquals(List.of(), deaths.of(KEY));
  }

  @Test
  void aKilledOneIsEstimatedByItsLastReading() {
    deaths.changed(ended(137, "the last line of its log"));
    assertEquals(3, deaths.of(KEY).getFirst().dropped());
    assertTrue(deaths.of(KEY).getFirst().estimated());
  }

  @Test
  void aCleanEndCountsNothing() {
    deaths.changed(ended(0, "{\"droppedStreams\":0}"));
    deaths.gone(ended(0, null));
    assertEquals(List.of(), deaths.of(KEY));
  }

  @Test
  void aPodThatVanishesWhileItRunsIsEstimated() {
    deaths.changed(running());
    assertEquals(List.of(), deaths.of(KEY));
    deaths.gone(running());
    deaths.gone(running());
    assertEquals(1, deaths.of(KEY).size());
    assertEquals(NOON, deaths.of(KEY).getFirst().at());
  }

  @Test
  void whatWasThereAtTheStartMayBeCountedAlready() {
    deaths.found(ended(137, null));
    assertTrue(deaths.of(KEY).getFirst().early());
  }
}
