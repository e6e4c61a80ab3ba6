package dev.kvasir.e2e.telemetry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.telemetry.Member;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/**
 * Pods of one deployment each, at an address of their own: one server on all of 127.0.0.0/8 answers
 * for them with pages as long as a runtime's.
 */
final class SimulatedPods implements AutoCloseable {
  private static final int BACKLOG = 2000;
  private static final int HISTOGRAMS = 10;
  private static final int BUCKETS = 24;
  private static final String STARTED = Instant.EPOCH.toString();

  private final HttpServer server;
  private final String histograms = histograms();
  private final AtomicLong pages = new AtomicLong();

  SimulatedPods() throws IOException {
    server = HttpServer.create(new InetSocketAddress(0), BACKLOG);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext("/metrics", this::answer);
    server.start();
  }

  List<Member> members(int count) {
    return IntStream.range(0, count).mapToObj(this::member).toList();
  }

  private Member member(int number) {
    InferenceDeployment resource =
        new KubernetesSerialization()
            .unmarshal(
                "spec: {model: {uri: 'bundled://sample'}, scaling: {maxReplicas: 5}}",
                InferenceDeployment.class);
    resource.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace("models")
            .withName("model-" + number)
            .withUid("uid-" + number)
            .withGeneration(1L)
            .build());
    return Member.of(resource, Optional.empty(), List.of(pod(number)));
  }

  private Pod pod(int number) {
    return new PodBuilder()
        .withNewMetadata()
        .withName("pod-" + number)
        .withUid("pod-" + number)
        .withCreationTimestamp(STARTED)
        .addToLabels(Names.SERVING, "true")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withName(Names.CONTAINER)
        .addNewPort()
        .withName(Names.HTTP_PORT_NAME)
        .withContainerPort(server.getAddress().getPort())
        .endPort()
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPodIP("127.9.%d.%d".formatted(number / 250, 1 + number % 250))
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withLastTransitionTime(STARTED)
        .endCondition()
        .addNewContainerStatus()
        .withName(Names.CONTAINER)
        .withStarted(true)
        .withNewState()
        .withNewRunning(STARTED)
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] page = page(pages.incrementAndGet()).getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, page.length);
    try (OutputStream body = exchange.getResponseBody()) {
      body.write(page);
    }
  }

  private String page(long number) {
    return """
    kvasir_build_info{version="1"} 1
    vllm:num_requests_running{model_name="m",engine="0"} %d
    vllm:num_requests_waiting{model_name="m",engine="0"} 0
    vllm:kv_cache_usage_perc{model_name="m",engine="0"} 0.3
    kvasir_kv_capacity_tokens 100000
    kvasir_waiting_prompt_tokens 0
    vllm:prompt_tokens_total %d
    vllm:generation_tokens_total %d
    kvasir_capacity_tokens_per_second{kind="prompt"} 9000
    kvasir_capacity_tokens_per_second{kind="output"} 800
    kvasir_device_info{name="Simulated",memory_bytes="85899345920",driver="CUDA 13.0"} 1
    kvasir_device_memory_bytes{use="weights"} 17179869184
    kvasir_device_memory_bytes{use="kv"} 60129542144
    """
            .formatted(number % 9, 10 * number, 7 * number)
        + histograms;
  }

  private static String histograms() {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < HISTOGRAMS; i++) {
      String name = i == 0 ? "vllm:time_to_first_token_seconds" : "vllm:simulated_" + i;
      text.append("# TYPE ").append(name).append(" histogram\n");
      for (int bucket = 0; bucket < BUCKETS; bucket++) {
        text.append(
            "%s_bucket{model_name=\"m\",engine=\"0\",le=\"%s\",} %d.0\n"
                .formatted(name, 0.001 * (1 << bucket), 10 * bucket));
      }
    }
    return text.toString();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
