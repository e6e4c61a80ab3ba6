package dev.kvasir.operator.telemetry;

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

/** One deployment whose pods say what a test wants, at a time that the test sets. */
public final class TestingFleet extends Clock implements Pages, TelemetryObserver {
  public static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  public static final DeploymentKey KEY = new DeploymentKey("models", "sample");

  public final InferenceDeployment resource;
  public final List<Pod> pods = new ArrayList<>();
  public final Map<String, String> pages = new ConcurrentHashMap<>();
  final List<ScalingDecision> decisions = new ArrayList<>();
  int asked = 1;
  Instant now = START;

  public TestingFleet(String spec) {
    resource = TestingSpecs.resource("sample", spec);
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
            .addToLabels(Names.REVISION, "r1")
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

  public FleetTelemetry telemetry(String... holders) {
    List<URI> all = List.of(holders).stream().map(URI::create).toList();
    return new FleetTelemetry(
        new TelemetrySettings(
            Duration.ofSeconds(2), Duration.ofSeconds(1), 1 << 20, Duration.ofSeconds(10), all),
        this,
        this,
        this);
  }

  public void tick(FleetTelemetry telemetry) throws InterruptedException {
    now = now.plusSeconds(2);
    var _ = telemetry.round(List.of(member()));
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
