package dev.kvasir.e2e;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.e2e.controlplane.ControlPlaneBinary;
import dev.kvasir.e2e.controlplane.ControlPlaneException;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The whole path with the real operator and the real runtime: from a resource to tokens, and
 * through what happens to pods.
 */
class LocalClusterIT {
  private static final Path CHECKOUT = Path.of("..").toAbsolutePath().normalize();
  private static final Duration SLOW = Duration.ofSeconds(60);
  private static final String QUESTION = "What is 17 + 25?";

  @TempDir Path directory;

  @ParameterizedTest
  @EnumSource(ControlPlaneKind.class)
  @Timeout(value = 4, unit = TimeUnit.MINUTES)
  void aModelIsServedAndSurvivesWhatHappensToItsPods(ControlPlaneKind kind) throws Exception {
    assumeAvailable(kind);
    var options = new LocalClusterOptions(kind, CHECKOUT, directory, Map.of());
    try (LocalCluster cluster = LocalCluster.start(options, new TestingClusterListener())) {
      new Story(cluster).play();
    }
    assertTrue(processesOf(directory.toString()).isEmpty(), "the cluster left processes behind");
  }

  static void assumeAvailable(ControlPlaneKind kind) throws InterruptedException {
    if (kind == ControlPlaneKind.real) {
      try {
        var _ = ControlPlaneBinary.cached(CHECKOUT.resolve("e2e/control-plane/build"));
      } catch (ControlPlaneException e) {
        Assumptions.abort("skipped without a real control plane: " + e.getMessage());
      }
    }
  }

  static List<ProcessHandle> processesOf(String word) {
    return ProcessHandle.allProcesses()
        .filter(
            process -> process.info().commandLine().map(line -> line.contains(word)).orElse(false))
        .toList();
  }

  /** Each step starts from where the one before ended. */
  private static final class Story {
    private final LocalCluster cluster;
    private final KubernetesClient client;
    private ChatClient chat;

    Story(LocalCluster cluster) {
      this.cluster = cluster;
      this.client = cluster.client();
    }

    void play() throws Exception {
      applySample();
      assertTrue(chat.stream(QUESTION, 16).size() > 2);
      bothReplicasShareTheLoad();
      aKilledReplicaComesBack();
      aRolloutLosesNoRequest();
      deletingTheResourceLeavesNothing();
    }

    private void applySample() throws Exception {
      try (InputStream yaml =
          Files.newInputStream(CHECKOUT.resolve("manifests/samples/sample.yaml"))) {
        client.load(yaml).inNamespace("default").create();
      }
      var wait = new SampleWait(cluster, "default", "sample", new TestingClusterListener());
      chat = new ChatClient(wait.await(SLOW));
    }

    private void bothReplicasShareTheLoad() throws Exception {
      sample().scale(2);
      awaitReady(2);
      inParallel(8, () -> chat.stream(QUESTION, 32));
      for (Pod pod : pods()) {
        assertTrue(served(pod) > 0, pod.getMetadata().getName() + " served nothing");
      }
    }

    private static double served(Pod pod) throws Exception {
      String metrics =
          new ChatClient("http://" + pod.getStatus().getPodIP() + ":8000").get("/metrics");
      return metrics
          .lines()
          .filter(line -> line.startsWith("vllm:request_success_total"))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1)))
          .sum();
    }

    private void aKilledReplicaComesBack() throws Exception {
      Pod victim = pods().getFirst();
      String name = victim.getMetadata().getName();
      processesOf(victim.getStatus().getPodIP() + " ").forEach(ProcessHandle::destroyForcibly);
      Eventually.check(SLOW, () -> assertEquals(1, restarts(name)));
      awaitReady(2);
      assertTrue(chat.stream(QUESTION, 16).size() > 2);
    }

    private int restarts(String pod) {
      return client
          .pods()
          .inNamespace("default")
          .withName(pod)
          .get()
          .getStatus()
          .getContainerStatuses()
          .getFirst()
          .getRestartCount();
    }

    private void aRolloutLosesNoRequest() throws Exception {
      List<String> before = names();
      var rolling = new AtomicBoolean(true);
      var answered = new AtomicInteger();
      try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
          running.add(clients.submit(() -> keepAsking(rolling, answered)));
        }
        try {
          rollOut();
          Eventually.check(
              SLOW,
              () ->
                  assertTrue(
                      names().stream().noneMatch(before::contains),
                      "old pods are left: " + names()));
        } finally {
          rolling.set(false);
        }
        for (Future<?> client : running) {
          client.get(60, TimeUnit.SECONDS);
        }
      }
      assertTrue(answered.get() > 4, "only " + answered + " requests during the rollout");
      awaitReady(2);
    }

    private Void keepAsking(AtomicBoolean rolling, AtomicInteger answered) throws Exception {
      while (rolling.get()) {
        var _ = chat.stream(QUESTION, 32);
        answered.incrementAndGet();
      }
      return null;
    }

    private void rollOut() {
      var _ =
          sample()
              .patch(
                  PatchContext.of(PatchType.JSON_MERGE),
                  "{\"spec\": {\"runtime\": {\"maxNumSeqs\": 32}}}");
    }

    private void deletingTheResourceLeavesNothing() {
      List<String> addresses =
          pods().stream().map(pod -> pod.getStatus().getPodIP() + " ").toList();
      sample().delete();
      Eventually.check(
          SLOW,
          () -> {
            assertEquals(List.of(), pods());
            assertEquals(
                List.of(), client.apps().deployments().inNamespace("default").list().getItems());
            assertEquals(null, client.services().inNamespace("default").withName("sample").get());
            assertTrue(cluster.localPort("default", "sample").isEmpty());
          });
      addresses.forEach(address -> assertEquals(List.of(), processesOf(address)));
    }

    private void awaitReady(int replicas) {
      Eventually.check(
          SLOW,
          () -> {
            var status = sample().get().getStatus();
            assertEquals(replicas, status.readyReplicas());
            assertEquals(replicas, pods().size());
          });
    }

    private Resource<InferenceDeployment> sample() {
      return client.resources(InferenceDeployment.class).inNamespace("default").withName("sample");
    }

    private List<Pod> pods() {
      return client
          .pods()
          .inNamespace("default")
          .withLabel("app.kubernetes.io/instance", "sample")
          .list()
          .getItems();
    }

    private List<String> names() {
      return pods().stream().map(pod -> pod.getMetadata().getName()).toList();
    }

    private static void inParallel(int count, Callable<?> task) throws Exception {
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Future<?>> running = new ArrayList<>();
        for (int i = 0; i < count; i++) {
          running.add(threads.submit(task));
        }
        for (Future<?> one : running) {
          one.get(60, TimeUnit.SECONDS);
        }
      }
    }
  }
}
