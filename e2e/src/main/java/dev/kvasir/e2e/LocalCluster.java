package dev.kvasir.e2e;

import dev.kvasir.e2e.apiserver.EmbeddedControlPlane;
import dev.kvasir.e2e.controllers.ControllerManager;
import dev.kvasir.e2e.controlplane.ControlPlane;
import dev.kvasir.e2e.controlplane.ControlPlaneBinary;
import dev.kvasir.e2e.controlplane.ControlPlaneException;
import dev.kvasir.e2e.controlplane.FreePort;
import dev.kvasir.e2e.controlplane.RealControlPlane;
import dev.kvasir.e2e.node.ImageTable;
import dev.kvasir.e2e.node.NodeAgent;
import dev.kvasir.e2e.node.NodeAgentOptions;
import dev.kvasir.e2e.process.Children;
import dev.kvasir.e2e.proxy.ServiceProxy;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/**
 * A Kubernetes API, this project's operator and its gateway, a node whose pods are local processes,
 * and an address for each service.
 */
public final class LocalCluster implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(LocalCluster.class.getName());
  private static final String LOCALHOST = "127.0.0.1";
  private static final String NODE = "local";
  private static final String CRD =
      "crds/src/main/resources/META-INF/fabric8/inferencedeployments.inference.kvasir.dev-v1.yml";

  private final LocalClusterOptions options;
  private final ClusterListener listener;
  private final Deque<AutoCloseable> parts = new ArrayDeque<>();
  private Children children;
  private ControlPlane controlPlane;
  private KubernetesClient client;
  private KvasirProcess operator;
  private KvasirProcess gateway;
  private int gatewayPort;
  private int operatorPort;
  private ConsoleToken consoleToken;
  private ServiceProxy proxy;
  private boolean closed;

  private LocalCluster(LocalClusterOptions options, ClusterListener listener) {
    this.options = options;
    this.listener = listener;
  }

  /**
   * Returns when the API answers, the node is ready and the operator has been started; what was
   * started is ended on failure.
   */
  public static LocalCluster start(LocalClusterOptions options, ClusterListener listener)
      throws IOException, InterruptedException {
    var cluster = new LocalCluster(options, listener);
    try {
      cluster.startParts();
      return cluster;
    } catch (IOException | InterruptedException | RuntimeException e) {
      cluster.close();
      throw e;
    }
  }

  private void startParts() throws IOException, InterruptedException {
    children = add(new Children());
    startControlPlane();
    connect();
    startGateway();
    operatorPort = FreePort.choose();
    consoleToken = ConsoleToken.make(options.directory());
    startOperator();
    applyDefinition();
    startNode();
    proxy =
        add(
            new ServiceProxy(
                client,
                options.servicePorts(),
                endpoint ->
                    listener.serving(
                        endpoint.namespace(), endpoint.service(), endpoint.localPort())));
  }

  private void startControlPlane() throws IOException, InterruptedException {
    listener.progress("starting the " + options.controlPlane() + " control plane");
    controlPlane =
        add(
            switch (options.controlPlane()) {
              case embedded -> EmbeddedControlPlane.start(0, options.directory());
              case real -> realControlPlane();
            });
    listener.progress("Kubernetes API at " + controlPlane.url());
  }

  private ControlPlane realControlPlane() throws IOException, InterruptedException {
    try {
      Path program =
          ControlPlaneBinary.cached(options.checkout().resolve("e2e/control-plane/build"));
      return RealControlPlane.start(program, RealControlPlane.Scheduling.NONE);
    } catch (ControlPlaneException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  private void connect() {
    client = add(controlPlane.client());
    if (options.controlPlane() == ControlPlaneKind.embedded) {
      add(ControllerManager.start(client));
    }
  }

  private void applyDefinition() throws IOException {
    try (InputStream yaml = Files.newInputStream(options.checkout().resolve(CRD))) {
      for (HasMetadata item : client.load(yaml).items()) {
        var _ = client.resource(item).forceConflicts().serverSideApply();
      }
    }
  }

  /** Before the operator, which is told where requests are held. */
  private void startGateway() throws IOException {
    gatewayPort = options.gatewayPort() == 0 ? FreePort.choose() : options.gatewayPort();
    Map<String, String> settings =
        Map.of(
            "KVASIR_GATEWAY_HOST",
            LOCALHOST,
            "KVASIR_GATEWAY_PORT",
            Integer.toString(gatewayPort),
            "KVASIR_GATEWAY_DRAIN_DELAY",
            "0s");
    gateway = startProgram("gateway", settings);
  }

  private void startOperator() throws IOException {
    Map<String, String> settings =
        Map.of(
            "KVASIR_TELEMETRY_HOLDERS",
            gatewayUrl() + "/metrics",
            "KVASIR_CONSOLE_TOKEN_FILE",
            consoleToken.file().toString(),
            "KVASIR_CONSOLE_GATEWAY",
            gatewayUrl(),
            "QUARKUS_HTTP_PORT",
            Integer.toString(operatorPort));
    operator = startProgram("operator", settings);
  }

  private KvasirProcess startProgram(String role, Map<String, String> settings) throws IOException {
    Path log = options.directory().resolve(role + ".log");
    KvasirProcess process =
        KvasirProcess.start(role, options.checkout(), kubeconfigOf(role), log, settings, children);
    listener.progress(role + " started as process " + process.pid() + ", log " + log);
    return process;
  }

  /** The embedded API knows one user only. */
  private Path kubeconfigOf(String role) throws IOException {
    if (options.controlPlane() == ControlPlaneKind.embedded) {
      return controlPlane.kubeconfig();
    }
    Path own = options.directory().resolve(role + "-kubeconfig");
    var accounts = new ServiceAccounts(client, options.checkout());
    accounts.install();
    accounts.write("kvasir-" + role, controlPlane.kubeconfig(), own);
    return own;
  }

  private void startNode() throws IOException {
    Path program = options.checkout().resolve("node-runtime/bin/node-runtime");
    var images = new ImageTable(Map.of("node-runtime", List.of(program.toString())));
    var node = new NodeAgentOptions(NODE, options.directory().resolve("pods"), images, capacity());
    NodeAgent agent = add(NodeAgent.start(node, client, children));
    listener.progress("node " + NODE + " is ready at " + agent.address());
  }

  /**
   * Processes share the machine, so requests are counted generously: what matters is that there are
   * no GPUs here.
   */
  private static Map<String, String> capacity() {
    int processors = Runtime.getRuntime().availableProcessors();
    return Map.of(
        "cpu", Integer.toString(Math.max(8, processors)), "memory", "64Gi", "pods", "110");
  }

  /** Kills the operator and starts it again. */
  public void replaceOperator() throws IOException, InterruptedException {
    operator.kill();
    startOperator();
  }

  public KubernetesClient client() {
    return client;
  }

  public Path kubeconfig() {
    return controlPlane.kubeconfig();
  }

  /** Where a service is served on 127.0.0.1. */
  public OptionalInt localPort(String namespace, String service) {
    return proxy.localPort(namespace, service);
  }

  /** Where the gateway serves all models. */
  public String gatewayUrl() {
    return "http://" + LOCALHOST + ":" + gatewayPort;
  }

  /** Where the operator serves its health, its metrics and its console. */
  public String operatorUrl() {
    return "http://" + LOCALHOST + ":" + operatorPort;
  }

  /** The console, whose token is {@link #consoleToken}. */
  public String consoleUrl() {
    return operatorUrl() + "/console/";
  }

  public String consoleToken() {
    return consoleToken.text();
  }

  /** Fails, with what it said last, where the operator or the gateway has ended. */
  public void requirePrograms() throws IOException {
    operator.requireAlive();
    gateway.requireAlive();
  }

  /** The last lines of a pod's log, or why there are none. */
  public String podLog(Pod pod, int lines) {
    try {
      return client.pods().resource(pod).tailingLines(lines).getLog();
    } catch (KubernetesClientException e) {
      return "(" + e.getMessage() + ")";
    }
  }

  private <T extends AutoCloseable> T add(T part) {
    parts.push(part);
    return part;
  }

  /** Ends everything, last started first. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    boolean interrupted = Thread.interrupted();
    while (!parts.isEmpty()) {
      close(parts.pop());
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private static void close(AutoCloseable part) {
    try {
      part.close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "closing " + part.getClass().getSimpleName() + ": " + e.getMessage());
    }
  }
}
