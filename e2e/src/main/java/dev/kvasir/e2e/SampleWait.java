package dev.kvasir.e2e;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/** Waits until an InferenceDeployment answers, and says each new stage on the way. */
final class SampleWait {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final Duration ASK_TIMEOUT = Duration.ofSeconds(5);

  private final LocalCluster cluster;
  private final String namespace;
  private final String name;
  private final ClusterListener listener;
  private final HttpClient http = HttpClient.newHttpClient();
  private String lastLine = "";

  SampleWait(LocalCluster cluster, String namespace, String name, ClusterListener listener) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.name = name;
    this.listener = listener;
  }

  /** The gateway's base URL; fails when the limit is over or a program has ended. */
  String await(Duration limit) throws IOException, InterruptedException {
    long deadline = System.nanoTime() + limit.toNanos();
    while (System.nanoTime() < deadline) {
      cluster.requirePrograms();
      say(stage());
      String url = cluster.gatewayUrl() + "/v1";
      if (isReady() && answers(url)) {
        return url;
      }
      Thread.sleep(POLL);
    }
    throw new IOException(
        namespace
            + "/"
            + name
            + " was not ready after "
            + limit.toSeconds()
            + " s. Conditions: "
            + conditions()
            + ". Pods: "
            + podStages()
            + lastPodLog());
  }

  private boolean isReady() {
    InferenceDeployment deployment = deployment();
    return deployment != null
        && deployment.getStatus() != null
        && deployment.getStatus().conditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private boolean answers(String url) throws InterruptedException {
    try {
      URI models = URI.create(url + "/models");
      HttpRequest request = HttpRequest.newBuilder(models).timeout(ASK_TIMEOUT).build();
      HttpResponse<String> answer = http.send(request, HttpResponse.BodyHandlers.ofString());
      return answer.statusCode() == 200 && answer.body().contains(namespace + "/" + name);
    } catch (IOException e) {
      return false;
    }
  }

  private InferenceDeployment deployment() {
    return client()
        .resources(InferenceDeployment.class)
        .inNamespace(namespace)
        .withName(name)
        .get();
  }

  private String stage() {
    InferenceDeployment deployment = deployment();
    if (deployment == null || deployment.getStatus() == null) {
      return "waiting for the operator";
    }
    String pods = podStages();
    return pods.isEmpty() ? "phase " + deployment.getStatus().phase() : pods;
  }

  private String podStages() {
    return pods().stream().map(SampleWait::stage).collect(Collectors.joining("; "));
  }

  private List<Pod> pods() {
    return client()
        .pods()
        .inNamespace(namespace)
        .withLabel("app.kubernetes.io/instance", name)
        .list()
        .getItems();
  }

  private static String stage(Pod pod) {
    List<ContainerStatus> statuses = pod.getStatus().getContainerStatuses();
    String state = statuses.isEmpty() ? pod.getStatus().getPhase() : state(statuses.getFirst());
    return "pod " + pod.getMetadata().getName() + ": " + state;
  }

  private static String state(ContainerStatus status) {
    ContainerState state = status.getState();
    if (state.getWaiting() != null) {
      return state.getWaiting().getReason()
          + (state.getWaiting().getMessage() == null ? "" : ", " + state.getWaiting().getMessage());
    }
    if (state.getTerminated() != null) {
      return "ended with status " + state.getTerminated().getExitCode();
    }
    return Boolean.TRUE.equals(status.getReady()) ? "ready" : "loading the model";
  }

  private String conditions() {
    InferenceDeployment deployment = deployment();
    if (deployment == null || deployment.getStatus() == null) {
      return "none, the operator has not looked at it";
    }
    return deployment.getStatus().conditions().stream()
        .map(SampleWait::condition)
        .collect(Collectors.joining("; "));
  }

  private static String condition(Condition condition) {
    return condition.getType()
        + "="
        + condition.getStatus()
        + " ("
        + condition.getReason()
        + ": "
        + condition.getMessage()
        + ")";
  }

  private String lastPodLog() {
    return pods().stream()
        .findFirst()
        .map(pod -> ". Last lines of its log:\n" + cluster.podLog(pod, 20))
        .orElse("");
  }

  private KubernetesClient client() {
    return cluster.client();
  }

  private void say(String line) {
    if (!line.equals(lastLine)) {
      listener.progress(line);
      lastLine = line;
    }
  }
}
