package dev.kvasir.e2e.monitoring;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.ContainerPortBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/**
 * Tells Prometheus of the cluster's pods over HTTP, with the labels that its own discovery in
 * Kubernetes gives them (which Debian's build lacks): a target for each port of each pod.
 */
public final class PodDiscovery implements AutoCloseable {
  private static final String META = "__meta_kubernetes_";

  private final JsonMapper json = new JsonMapper();
  private final KubernetesClient client;
  private final List<Pod> others;
  private final HttpServer server;

  /**
   * @param others pods that are no objects in this cluster, because there they are processes
   */
  public PodDiscovery(KubernetesClient client, Pod... others) throws IOException {
    this.client = client;
    this.others = List.of(others);
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext("/", this::answer);
    server.start();
  }

  /** A process as the pod that the chart would make of it. */
  public static Pod process(String name, String url) {
    URI address = URI.create(url);
    return new PodBuilder()
        .withNewMetadata()
        .withNamespace("kvasir-system")
        .withName(name + "-0")
        .addToLabels("app.kubernetes.io/name", name)
        .addToLabels("app.kubernetes.io/instance", "kvasir")
        .endMetadata()
        .withNewSpec()
        .addNewContainer()
        .withPorts(
            new ContainerPortBuilder()
                .withName("http")
                .withContainerPort(address.getPort())
                .build())
        .endContainer()
        .endSpec()
        .withNewStatus()
        .withPhase("Running")
        .withPodIP(address.getHost())
        .endStatus()
        .build();
  }

  String url() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/";
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      byte[] body = json.writeValueAsString(targets()).getBytes(StandardCharsets.UTF_8);
      exchange.getResponseHeaders().set("content-type", "application/json");
      exchange.sendResponseHeaders(200, body.length);
      exchange.getResponseBody().write(body);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private ArrayNode targets() {
    ArrayNode targets = json.createArrayNode();
    Stream.concat(client.pods().inAnyNamespace().list().getItems().stream(), others.stream())
        .filter(pod -> pod.getStatus().getPodIP() != null)
        .forEach(pod ->
            pod.getSpec().getContainers().stream()
                .flatMap(container -> container.getPorts().stream())
                .forEach(port -> targets.add(target(pod, port))));
    return targets;
  }

  private ObjectNode target(Pod pod, ContainerPort port) {
    ObjectNode target = json.createObjectNode();
    target.putArray("targets").add(pod.getStatus().getPodIP() + ":" + port.getContainerPort());
    ObjectNode labels = target.putObject("labels");
    labels.put(META + "namespace", pod.getMetadata().getNamespace());
    labels.put(META + "pod_name", pod.getMetadata().getName());
    labels.put(META + "pod_phase", pod.getStatus().getPhase());
    labels.put(META + "pod_container_port_name", port.getName());
    pod.getMetadata()
        .getLabels()
        .forEach((name, value) ->
            labels.put(META + "pod_label_" + name.replaceAll("[^a-zA-Z0-9]", "_"), value));
    return target;
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
