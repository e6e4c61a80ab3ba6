package dev.kvasir.e2e.node;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.e2e.Eventually;
import dev.kvasir.e2e.apiserver.EmbeddedControlPlane;
import dev.kvasir.e2e.process.Children;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.Probe;
import io.fabric8.kubernetes.api.model.ProbeBuilder;
import io.fabric8.kubernetes.api.model.SecretBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Pods of small shell programs on a node agent, against the embedded API. */
@Timeout(60)
class NodeAgentIT {
  private static final String WEB = "exec \"$0\" -b \"$POD_IP\" -p 8000 -d \"$1\"";

  @TempDir static Path directory;
  private static EmbeddedControlPlane plane;
  private static KubernetesClient client;
  private static Children children;
  private static NodeAgent agent;

  @BeforeAll
  static void start() throws IOException {
    plane = EmbeddedControlPlane.start(0, directory);
    client = plane.client();
    children = new Children();
    var images = new ImageTable(Map.of("shell", List.of("/bin/sh")));
    agent =
        NodeAgent.start(
            new NodeAgentOptions(
                "local",
                directory.resolve("pods"),
                images,
                Map.of("cpu", "64", "memory", "64Gi", "pods", "110")),
            client,
            children);
  }

  @AfterAll
  static void stop() {
    agent.close();
    client.close();
    children.close();
    plane.close();
  }

  @Test
  void aPodRunsWithItsEnvironmentAndVolumesAndLeavesNothing() {
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("keys")
                .withNamespace("default")
                .endMetadata()
                .addToStringData("api", "s3cret")
                .build())
        .create();
    Container container =
        shell(
                "echo \"$GREETING $IP_OF_POD\"; cat /etc/keys/api; echo; trap 'echo bye; exit 0' TERM; while true; do sleep 0.1; done")
            .addNewEnv()
            .withName("SECRET")
            .withNewValueFrom()
            .withNewSecretKeyRef("api", "keys", false)
            .endValueFrom()
            .endEnv()
            .addNewEnv()
            .withName("GREETING")
            .withValue("key=$(SECRET)")
            .endEnv()
            .addNewEnv()
            .withName("IP_OF_POD")
            .withNewValueFrom()
            .withNewFieldRef("v1", "status.podIP")
            .endValueFrom()
            .endEnv()
            .addNewVolumeMount()
            .withName("keys")
            .withMountPath("/etc/keys")
            .endVolumeMount()
            .build();
    create(
        pod("complete", container)
            .editSpec()
            .addNewVolume()
            .withName("keys")
            .withNewSecret()
            .withSecretName("keys")
            .endSecret()
            .endVolume()
            .endSpec());
    Pod running = await("complete", NodeAgentIT::isReady);
    String ip = running.getStatus().getPodIP();
    assertTrue(ip.startsWith("127."), ip);
    assertEquals("Running", running.getStatus().getPhase());
    Eventually.check(() -> assertEquals("key=s3cret " + ip + "\ns3cret\n", log("complete")));
    long process = processOf("complete");

    client.pods().withName("complete").delete();
    Eventually.check(() -> assertFalse(exists("complete")));
    assertFalse(ProcessHandle.of(process).isPresent());
    assertTrue(directoryOf("complete").isEmpty());
  }

  @Test
  void aFailingContainerIsRestartedWithGrowingPausesAndSaysWhy() {
    create(pod("failing", shell("echo \"out of luck\" > $KVASIR_TERMINATION_LOG; exit 3").build()));
    Pod pod =
        await("failing", p -> restarts(p) >= 2 && "CrashLoopBackOff".equals(waitingReason(p)));
    var last = status(pod).getLastState().getTerminated();
    assertEquals(3, last.getExitCode());
    assertEquals("out of luck", last.getMessage().strip());
    assertEquals("Running", pod.getStatus().getPhase());
    assertFalse(isReady(pod));
  }

  @Test
  void aKilledContainerComesBackAtOnce() {
    create(pod("killed", shell("exec sleep 1000").build()));
    await("killed", NodeAgentIT::isReady);
    ProcessHandle.of(processOf("killed")).orElseThrow().destroyForcibly();
    Pod again = await("killed", p -> restarts(p) == 1 && isReady(p));
    assertEquals(137, status(again).getLastState().getTerminated().getExitCode());
    assertEquals("Error", status(again).getLastState().getTerminated().getReason());
  }

  @Test
  void readinessFollowsTheProbeAndAFailedLivenessProbeRestarts() throws IOException {
    Path web = Files.createDirectories(directory.resolve("web"));
    String jwebserver = Path.of(System.getProperty("java.home"), "bin", "jwebserver").toString();
    Container container =
        new ContainerBuilder(shell(WEB).addToArgs(jwebserver, web.toString()).build())
            .addNewEnv()
            .withName("POD_IP")
            .withNewValueFrom()
            .withNewFieldRef("v1", "status.podIP")
            .endValueFrom()
            .endEnv()
            .addNewPort()
            .withName("http")
            .withContainerPort(8000)
            .endPort()
            .withStartupProbe(get("/", 20))
            .withReadinessProbe(get("/ready", 1))
            .withLivenessProbe(get("/alive", 2))
            .build();
    Files.createFile(web.resolve("alive"));
    create(pod("probed", container));
    Pod started = await("probed", p -> Boolean.TRUE.equals(status(p).getStarted()));
    assertFalse(isReady(started));
    Files.createFile(web.resolve("ready"));
    await("probed", NodeAgentIT::isReady);
    Files.delete(web.resolve("ready"));
    await("probed", p -> !isReady(p));
    Files.delete(web.resolve("alive"));
    await("probed", p -> restarts(p) == 1);
    Eventually.check(() ->
        assertTrue(
            events("probed")
                .contains("Liveness probe failed: HTTP probe failed with statuscode: 404")));
  }

  @Test
  void whoIgnoresTheRequestToEndIsKilledAfterTheGracePeriod() {
    create(
        pod("deaf", shell("trap '' TERM; while true; do sleep 0.1; done").build())
            .editSpec()
            .withTerminationGracePeriodSeconds(1L)
            .endSpec());
    await("deaf", NodeAgentIT::isReady);
    long process = processOf("deaf");
    client.pods().withName("deaf").delete();
    assertTrue(exists("deaf"), "a pod exists until its processes have ended");
    Eventually.check(() -> assertFalse(exists("deaf")));
    assertFalse(ProcessHandle.of(process).isPresent());
  }

  @Test
  void whatAContainerStartedEndsWithIt() {
    create(pod("parent", shell("sleep 1000 & echo $!; wait").build()));
    await("parent", NodeAgentIT::isReady);
    Eventually.check(() -> assertTrue(log("parent").matches("\\d+\n")));
    long grandchild = Long.parseLong(log("parent").strip());
    assertTrue(ProcessHandle.of(grandchild).isPresent());
    client.pods().withName("parent").delete();
    Eventually.check(() -> assertFalse(exists("parent")));
    Eventually.check(() -> assertFalse(ProcessHandle.of(grandchild).isPresent()));
  }

  @Test
  void anUnknownImageIsReportedAsSuch() {
    Container container =
        new ContainerBuilder(shell("true").build()).withImage("example.com/other:1").build();
    create(pod("imageless", container));
    Pod pod = await("imageless", p -> "ImagePullBackOff".equals(waitingReason(p)));
    assertEquals(
        "the local node has no image example.com/other:1: it runs images named shell",
        status(pod).getState().getWaiting().getMessage());
    assertEquals("Pending", pod.getStatus().getPhase());
  }

  @Test
  void aPodThatNeedsWhatTheNodeLacksStaysPending() {
    Container container =
        new ContainerBuilder(shell("true").build())
            .withNewResources()
            .addToLimits("nvidia.com/gpu", new io.fabric8.kubernetes.api.model.Quantity("1"))
            .endResources()
            .build();
    create(pod("gpu", container));
    Eventually.check(() -> {
      var scheduled = client.pods().withName("gpu").get().getStatus().getConditions().getFirst();
      assertEquals("Unschedulable", scheduled.getReason());
      assertEquals(
          "0/1 nodes are available: 1 Insufficient nvidia.com/gpu.", scheduled.getMessage());
    });
  }

  @Test
  void aMissingSecretHoldsThePodBackUntilItIsThere() {
    create(
        pod("waiting", shell("echo started; exec sleep 1000").build())
            .editSpec()
            .addNewVolume()
            .withName("late")
            .withNewSecret()
            .withSecretName("late")
            .endSecret()
            .endVolume()
            .endSpec());
    Eventually.check(() -> assertTrue(events("waiting").contains("secret \"late\" not found")));
    client
        .resource(
            new SecretBuilder()
                .withNewMetadata()
                .withName("late")
                .withNamespace("default")
                .endMetadata()
                .build())
        .create();
    await("waiting", NodeAgentIT::isReady);
  }

  @Test
  void aPodThatIsNotRestartedSucceedsAfterItsInitContainers() {
    Container init =
        shell("sleep 0.3; echo made > /shared/file")
            .withName("init")
            .addNewVolumeMount()
            .withName("shared")
            .withMountPath("/shared")
            .endVolumeMount()
            .build();
    Container main =
        shell("cat /shared/file")
            .addNewVolumeMount()
            .withName("shared")
            .withMountPath("/shared")
            .endVolumeMount()
            .build();
    create(
        pod("job", main)
            .editSpec()
            .withRestartPolicy("Never")
            .withInitContainers(init)
            .addNewVolume()
            .withName("shared")
            .withNewEmptyDir()
            .endEmptyDir()
            .endVolume()
            .endSpec());
    Pod pod = await("job", p -> "Succeeded".equals(p.getStatus().getPhase()));
    assertEquals(0, status(pod).getState().getTerminated().getExitCode());
    assertEquals("made\n", log("job"));
  }

  private static ContainerBuilder shell(String script) {
    return new ContainerBuilder()
        .withName("main")
        .withImage("registry.example/shell:1")
        .withArgs("-c", script);
  }

  private static PodBuilder pod(String name, Container container) {
    return new PodBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace("default")
        .endMetadata()
        .withNewSpec()
        .withTerminationGracePeriodSeconds(5L)
        .withContainers(container)
        .endSpec();
  }

  private static Probe get(String path, int failures) {
    return new ProbeBuilder()
        .withNewHttpGet()
        .withPath(path)
        .withNewPort("http")
        .endHttpGet()
        .withPeriodSeconds(1)
        .withFailureThreshold(failures)
        .build();
  }

  private static void create(PodBuilder pod) {
    var _ = client.resource(pod.build()).create();
  }

  private static Pod await(String name, Predicate<Pod> condition) {
    return Eventually.get(() ->
        Optional.ofNullable(client.pods().withName(name).get())
            .filter(p -> !p.getStatus().getContainerStatuses().isEmpty())
            .filter(condition));
  }

  private static boolean exists(String name) {
    return client.pods().withName(name).get() != null;
  }

  private static ContainerStatus status(Pod pod) {
    return pod.getStatus().getContainerStatuses().getFirst();
  }

  private static boolean isReady(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private static int restarts(Pod pod) {
    return status(pod).getRestartCount();
  }

  private static String waitingReason(Pod pod) {
    var waiting = status(pod).getState().getWaiting();
    return waiting == null ? null : waiting.getReason();
  }

  private static String log(String name) {
    return client.pods().withName(name).getLog();
  }

  private static String events(String pod) {
    return client.v1().events().list().getItems().stream()
        .filter(event -> event.getInvolvedObject().getName().equals(pod))
        .map(event -> event.getMessage() + "\n")
        .reduce("", String::concat);
  }

  /** From the event that names it. */
  private static long processOf(String pod) {
    String prefix = "Started container main as process ";
    return Eventually.get(() ->
        events(pod)
            .lines()
            .filter(line -> line.startsWith(prefix))
            .map(line -> Long.parseLong(line.substring(prefix.length())))
            .reduce((first, second) -> second));
  }

  private static List<Path> directoryOf(String pod) {
    try (var entries = Files.list(directory.resolve("pods"))) {
      return entries
          .filter(path -> path.getFileName().toString().startsWith("default_" + pod + "_"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
