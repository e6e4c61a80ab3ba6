package dev.kvasir.operator.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.TestingSpecs;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.scaling.ScalingDecision;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.DeploymentBuilder;
import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** One deployment whose pods say what a test wants, looked at whenever the test ticks. */
public final class TestingFleet extends Clock implements Pages, TelemetryObserver {
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  public static final DeploymentKey KEY = new DeploymentKey("models", "sample");

  public final InferenceDeployment resource;
  public final List<Pod> pods = new ArrayList<>();
  public final Map<String, String> pages = new ConcurrentHashMap<>();
  final List<ScalingDecision> decisions = new ArrayList<>();
  public final FleetTelemetry telemetry;
  int asked = 1;
  String revision = "r1";
  Instant now = START;

  public TestingFleet(String spec, String... holders) {
    resource = TestingSpecs.resource("sample", spec);
    telemetry = telemetry(Stream.of(holders).map(URI::create).toList());
  }

  /** The same with pods at 10.0.0.1 and on, which say nothing yet. */
  public static TestingFleet ofPods(int count, String spec, String... holders) {
    TestingFleet fleet = new TestingFleet(spec, holders);
    fleet.asked = count;
    for (int i = 1; i <= count; i++) {
      fleet.addPod("10.0.0." + i);
    }
    return fleet;
  }

  private FleetTelemetry telemetry(List<URI> holders) {
    return new FleetTelemetry(
        new TelemetrySettings(
            Duration.ofSeconds(2), Duration.ofSeconds(1), 1 << 20, Duration.ofSeconds(10), holders),
        this,
        this,
        this);
  }

  public Member member() {
    Deployment deployment =
        new DeploymentBuilder()
            .withNewMetadata()
            .withName("sample")
            .endMetadata()
            .withNewSpec()
            .withReplicas(asked)
            .withNewTemplate()
            .withNewMetadata()
            .addToLabels(Names.REVISION, revision)
            .endMetadata()
            .endTemplate()
            .endSpec()
            .build();
    return Member.of(resource, Optional.of(deployment), pods);
  }

  /** A ready pod with its own address. */
  public void addPod(String ip) {
    pods.add(
        new PodBuilder()
            .withNewMetadata()
            .withName("pod-" + ip)
            .withUid("uid-" + ip)
            .withCreationTimestamp(START.toString())
            .addToLabels(Names.SERVING, "true")
            .endMetadata()
            .withNewSpec()
            .addNewContainer()
            .withName(Names.CONTAINER)
            .addNewPort()
            .withName(Names.HTTP_PORT_NAME)
            .withContainerPort(8000)
            .endPort()
            .endContainer()
            .endSpec()
            .withNewStatus()
            .withPodIP(ip)
            .addNewCondition()
            .withType("Ready")
            .withStatus("True")
            .withLastTransitionTime(START.toString())
            .endCondition()
            .addNewContainerStatus()
            .withName(Names.CONTAINER)
            .withStarted(true)
            .withNewState()
            .withNewRunning(START.toString())
            .endState()
            .endContainerStatus()
            .endStatus()
            .build());
  }

  /** Idle, on a card with a KV cache of half a GiB. */
  public void saysOnCard(String ip, String card, long memory, long weights) {
    idles(ip);
    pages.merge(
        ip,
        """
        kvasir_device_info{name="%s",memory_bytes="%d",driver="CUDA 13.0"} 1
        kvasir_device_memory_bytes{use="weights"} %d
        kvasir_device_memory_bytes{use="kv"} 536870912
        """
            .formatted(card, memory, weights),
        String::concat);
  }

  public void idles(String ip) {
    says(ip, 0, 0, 0, 0);
  }

  public void says(String ip, int running, int waiting, int waitingTokens, int outputTokens) {
    pages.put(
        ip,
        """
        kvasir_build_info 1
        vllm:num_requests_running %d
        vllm:num_requests_waiting %d
        kvasir_waiting_prompt_tokens %d
        vllm:kv_cache_usage_perc %s
        kvasir_kv_capacity_tokens 10000
        vllm:prompt_tokens_total 0
        vllm:generation_tokens_total %d
        kvasir_capacity_tokens_per_second{kind="prompt"} 1000
        kvasir_capacity_tokens_per_second{kind="output"} 100
        """
            .formatted(running, waiting, waitingTokens, running == 0 ? "0" : "0.1", outputTokens));
  }

  @Override
  public String read(URI address) throws IOException {
    String page = pages.get(address.getHost());
    if (page == null) {
      throw new IOException("no answer");
    }
    return page;
  }

  public void tick() throws InterruptedException {
    now = now.plusSeconds(2);
    var _ = telemetry.round(List.of(member()));
  }

  /** Ticks for a while, during which the number wanted must stay. */
  public void tickAt(int desired, int times) throws InterruptedException {
    for (int i = 0; i < times; i++) {
      tick();
      assertEquals(desired, desired(), "after " + i + " rounds");
    }
  }

  public DeploymentView view() {
    return telemetry.view(KEY).orElseThrow();
  }

  public int desired() {
    return view().scaling().orElseThrow().desired();
  }

  @Override
  public void pageRead(long nanos) {}

  @Override
  public void pageEnded(boolean read) {}

  @Override
  public void holderEnded(boolean read) {}

  @Override
  public void roundEnded(long nanos) {}

  @Override
  public void decided(DeploymentKey key, ScalingDecision decision) {
    decisions.add(decision);
  }

  @Override
  public Instant instant() {
    return now;
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
