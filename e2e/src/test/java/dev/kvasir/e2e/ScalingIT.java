package dev.kvasir.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.api.v1alpha1.ScalingStatus.DecisionStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The closed loop with real processes: the load makes pods, and its end takes them away. */
class ScalingIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SLOW = Duration.ofSeconds(90);

  private static final int MOST_RUNNING = 2;

  /** Between the steady client's questions: without it a fast machine makes it a load for two. */
  private static final Duration PAUSE = Duration.ofMillis(300);

  private static final String SCALED =
      """
      apiVersion: inference.kvasir.dev/v1alpha1
      kind: InferenceDeployment
      metadata: {name: sample, namespace: default}
      spec:
        model: {uri: 'bundled://sample'}
        runtime:
          maxNumSeqs: %d
          args: [--drain-delay, 2s]
        scaling:
          maxReplicas: 2
          targets: {promptTokensPerSecond: 1000, tokensPerSecond: 3000, timeToFirstToken: 50ms}
          scaleDown: {stabilization: 8s}
      """
          .formatted(MOST_RUNNING);

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(ControlPlaneKind.class)
  @Timeout(value = 5, unit = TimeUnit.MINUTES)
  void podsFollowTheLoadAndNoStreamIsCut(ControlPlaneKind kind) throws Exception {
    LocalClusterIT.assumeAvailable(kind);
    var options = new LocalClusterOptions(kind, CHECKOUT, directory, Map.of());
    try (LocalCluster cluster = LocalCluster.start(options, new TestingClusterListener())) {
      new Story(cluster).play();
    }
  }

  private static final class Story {
    private final LocalCluster cluster;
    private final KubernetesClient client;
    private ChatClient chat;

    Story(LocalCluster cluster) {
      this.cluster = cluster;
      this.client = cluster.client();
    }

    void play() throws Exception {
      client.resource(SCALED).create();
      var wait = new SampleWait(cluster, "default", "sample", new TestingClusterListener());
      chat = new ChatClient(wait.await(SLOW));
      try (TestingLoad steady = new TestingLoad(chat, 1, PAUSE)) {
        growsWithinFifteenSecondsOfTheLoad();
        shrinksAfterIt();
        assertEquals(List.of(), steady.failures(), "streams that were cut");
        assertTrue(steady.answers() > 5, "the steady client was answered");
      }
      assertEquals(0, status().streams().dropped(), "by the operator's own count");
      aKilledPodAndAKilledOperatorChangeNothingAboutTheEnd();
    }

    private void growsWithinFifteenSecondsOfTheLoad() throws Exception {
      try (TestingLoad load = new TestingLoad(chat, 8)) {
        Eventually.check(
            Duration.ofSeconds(15),
            () -> assertEquals(2, status().scaling().desired(), "pods asked for"));
        awaitServing(2);
        load.awaitAnswers(8);
        assertEquals(List.of(), load.failures());
      }
    }

    private void shrinksAfterIt() {
      awaitServing(1);
      Eventually.check(SLOW, () -> assertEquals(1, pods().size()));
      assertTrue(
          status().scaling().decisions().stream()
              .map(DecisionStatus::outcome)
              .anyMatch("Down"::equals),
          () -> status().scaling().toString());
      assertTrue(hasEvent("ScalingUp"), "an event tells of the way up");
      assertTrue(hasEvent("ScalingDown"), "an event tells of the way down");
      assertTrue(hasEvent("Draining"), "an event tells of the drain");
    }

    private void aKilledPodAndAKilledOperatorChangeNothingAboutTheEnd() throws Exception {
      try (TestingLoad load = new TestingLoad(chat, 8)) {
        awaitServing(2);
        awaitWorkInBoth();
        Pod victim = pods().getFirst();
        LocalClusterIT.processesOf(victim.getStatus().getPodIP() + " ")
            .forEach(ProcessHandle::destroyForcibly);
        Eventually.check(
            SLOW,
            () -> assertTrue(status().streams().dropped() > 0, "what the kill has cut is counted"));
        long dropped = status().streams().dropped();
        cluster.replaceOperator();
        awaitServing(2);
        assertEquals(dropped, status().streams().dropped(), "counted once");
        assertTrue(load.failures().size() <= 20, () -> load.failures().toString());
      }
      awaitServing(1);
      Eventually.check(
          SLOW,
          () -> {
            assertEquals(1, pods().size());
            assertEquals(Phase.READY, status().phase());
          });
    }

    private void awaitServing(int pods) {
      Eventually.check(
          SLOW,
          () ->
              assertEquals(
                  pods,
                  status().readyReplicas(),
                  () -> "ready pods; " + status().scaling() + status().telemetry()));
    }

    /** As the operator reads it: a pod that it never saw at work has nothing to lose. */
    private void awaitWorkInBoth() {
      Eventually.check(
          SLOW,
          () ->
              assertTrue(
                  status().telemetry().running() > MOST_RUNNING,
                  () -> status().telemetry().toString()));
    }

    private InferenceDeploymentStatus status() {
      return client
          .resources(InferenceDeployment.class)
          .inNamespace("default")
          .withName("sample")
          .get()
          .getStatus();
    }

    private List<Pod> pods() {
      return client
          .pods()
          .inNamespace("default")
          .withLabel("app.kubernetes.io/instance", "sample")
          .list()
          .getItems();
    }

    private boolean hasEvent(String reason) {
      return client.v1().events().inNamespace("default").list().getItems().stream()
          .anyMatch(event -> reason.equals(event.getReason()));
    }
  }
}
