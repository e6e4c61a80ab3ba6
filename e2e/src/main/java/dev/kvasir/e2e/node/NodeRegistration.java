package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** The node's own object, and the heartbeat that keeps it Ready. */
final class NodeRegistration implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(NodeRegistration.class.getName());
  private static final int HEARTBEAT_SECONDS = 10;

  private final KubernetesClient client;
  private final String name;
  private final Map<String, Object> status;
  private final Instant readySince = Instant.now();
  private final ScheduledExecutorService heartbeat =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("node-heartbeat").factory());

  private NodeRegistration(KubernetesClient client, String name, Map<String, Object> status) {
    this.client = client;
    this.name = name;
    this.status = status;
  }

  static NodeRegistration register(
      KubernetesClient client,
      String name,
      String address,
      int port,
      Map<String, String> capacity) {
    client.nodes().resource(node(name)).unlock().createOr(existing -> existing.update());
    var registration = new NodeRegistration(client, name, status(name, address, port, capacity));
    registration.report();
    var _ =
        registration.heartbeat.scheduleAtFixedRate(
            registration::reportQuietly, HEARTBEAT_SECONDS, HEARTBEAT_SECONDS, TimeUnit.SECONDS);
    return registration;
  }

  private static Node node(String name) {
    return new NodeBuilder()
        .withNewMetadata()
        .withName(name)
        .addToLabels("kubernetes.io/hostname", name)
        .addToLabels("kubernetes.io/os", "linux")
        .addToLabels("kubernetes.io/arch", System.getProperty("os.arch"))
        .endMetadata()
        .build();
  }

  private static Map<String, Object> status(
      String name, String address, int port, Map<String, String> capacity) {
    Map<String, Quantity> quantities =
        capacity.entrySet().stream()
            .collect(Collectors.toMap(Map.Entry::getKey, e -> new Quantity(e.getValue())));
    return Map.of(
        "capacity", quantities,
        "allocatable", quantities,
        "addresses",
            List.of(
                Map.of("type", "InternalIP", "address", address),
                Map.of("type", "Hostname", "address", name)),
        "daemonEndpoints", Map.of("kubeletEndpoint", Map.of("Port", port)),
        "nodeInfo", nodeInfo());
  }

  private static Map<String, String> nodeInfo() {
    return Map.of(
        "architecture", System.getProperty("os.arch"),
        "bootID", "",
        "containerRuntimeVersion", "process://1",
        "kernelVersion", System.getProperty("os.version"),
        "kubeProxyVersion", "",
        "kubeletVersion", "kvasir-local",
        "machineID", "",
        "operatingSystem", "linux",
        "osImage", "local processes",
        "systemUUID", "");
  }

  private void report() {
    var reported = new HashMap<>(status);
    reported.put("conditions", List.of(ready()));
    var _ =
        client
            .nodes()
            .withName(name)
            .subresource("status")
            .patch(
                PatchContext.of(PatchType.JSON_MERGE),
                Serialization.asJson(Map.of("status", reported)));
  }

  private NodeCondition ready() {
    return new NodeConditionBuilder()
        .withType("Ready")
        .withStatus("True")
        .withReason("KubeletReady")
        .withMessage("the local node agent is running")
        .withLastHeartbeatTime(PodStatuses.time(Instant.now()))
        .withLastTransitionTime(PodStatuses.time(readySince))
        .build();
  }

  private void reportQuietly() {
    try {
      report();
    } catch (KubernetesClientException e) {
      LOG.log(System.Logger.Level.WARNING, "node heartbeat: " + e.getMessage());
    }
  }

  @Override
  public void close() {
    heartbeat.shutdownNow();
  }
}
