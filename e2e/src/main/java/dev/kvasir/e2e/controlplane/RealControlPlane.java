package dev.kvasir.e2e.controlplane;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HexFormat;
import java.util.List;

/**
 * etcd, kube-apiserver and kube-controller-manager as processes on loopback, with their data in a
 * temporary folder. Controllers that need a network or more than one node are off: no endpoints
 * (pods have loopback addresses, which the API refuses there) and no node lifecycle.
 */
public final class RealControlPlane implements ControlPlane {
  private static final Duration START_TIMEOUT = Duration.ofSeconds(90);
  private static final int PORT_ATTEMPTS = 3;

  private final Path binary;
  private final Path directory;
  private final String token = randomToken();
  private final Deque<ServerProcess> processes = new ArrayDeque<>();
  private final Thread shutdownHook = new Thread(this::stop, "control plane shutdown");
  private String url;

  private RealControlPlane(Path binary, Path directory) {
    this.binary = binary;
    this.directory = directory;
  }

  /**
   * With the scheduler pods are bound to nodes as in any cluster; without it someone else binds
   * them.
   */
  public enum Scheduling {
    KUBE_SCHEDULER,
    NONE
  }

  /** Starts it and waits until it serves and pods can be created in the default namespace. */
  public static RealControlPlane start(Path binary, Scheduling scheduling)
      throws ControlPlaneException, InterruptedException {
    try {
      Path directory = Files.createTempDirectory("kvasir-control-plane-");
      var plane = new RealControlPlane(binary, directory);
      Runtime.getRuntime().addShutdownHook(plane.shutdownHook);
      plane.startOrClose(scheduling);
      return plane;
    } catch (IOException e) {
      throw new ControlPlaneException("the control plane can't be started: " + e.getMessage(), e);
    }
  }

  private void startOrClose(Scheduling scheduling)
      throws IOException, ControlPlaneException, InterruptedException {
    boolean started = false;
    try {
      startAll(scheduling);
      started = true;
    } finally {
      if (!started) {
        close();
      }
    }
  }

  private void startAll(Scheduling scheduling)
      throws IOException, ControlPlaneException, InterruptedException {
    var deadline = Deadline.after(START_TIMEOUT);
    ServiceAccountKey.write(directory.resolve("service-account.key"));
    Files.writeString(directory.resolve("tokens.csv"), token + ",admin,admin,system:masters\n");
    launch("etcd", ControlPlaneFlags.etcd(directory));
    serve(deadline);
    launch("kube-controller-manager", ControlPlaneFlags.controllerManager(directory));
    if (scheduling == Scheduling.KUBE_SCHEDULER) {
      launch("kube-scheduler", ControlPlaneFlags.scheduler(directory));
    }
    awaitServiceAccount(deadline);
  }

  /** Another program may take the port between our choosing it and the server's listening on it. */
  private void serve(Deadline deadline)
      throws IOException, ControlPlaneException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      int port = FreePort.choose();
      url = "https://127.0.0.1:" + port;
      ServerProcess server = launch("kube-apiserver", ControlPlaneFlags.apiServer(directory, port));
      try {
        awaitReady(server, deadline);
        return;
      } catch (ControlPlaneException e) {
        if (attempt == PORT_ATTEMPTS || !e.getMessage().contains("address already in use")) {
          throw e;
        }
        processes.remove(server);
      }
    }
  }

  private void awaitReady(ServerProcess server, Deadline deadline)
      throws IOException, ControlPlaneException, InterruptedException {
    // The key is written after the certificate.
    Path key = directory.resolve("certificates/apiserver.key");
    deadline.await("kube-apiserver has made no certificate", server, () -> Files.exists(key));
    byte[] certificate = Files.readAllBytes(directory.resolve("certificates/apiserver.crt"));
    Files.deleteIfExists(kubeconfig());
    new Kubeconfig(url, certificate, token).write(kubeconfig());
    try (KubernetesClient client = client()) {
      deadline.await("kube-apiserver is not ready", server, () -> isReady(client));
    }
  }

  private static boolean isReady(KubernetesClient client) {
    try {
      return "ok".equals(client.raw("/readyz"));
    } catch (KubernetesClientException e) {
      return false;
    }
  }

  /** The controllers make it; no pod is admitted before. */
  private void awaitServiceAccount(Deadline deadline)
      throws ControlPlaneException, InterruptedException {
    ServerProcess controllers = processes.peek();
    try (KubernetesClient client = client()) {
      var account = client.serviceAccounts().inNamespace("default").withName("default");
      deadline.await("no default service account", controllers, () -> account.get() != null);
    }
  }

  private ServerProcess launch(String name, List<String> flags) throws IOException {
    ServerProcess process = ServerProcess.start(binary, directory, name, flags);
    processes.push(process);
    return process;
  }

  @Override
  public String url() {
    return url;
  }

  @Override
  public Path kubeconfig() {
    return directory.resolve("kubeconfig");
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(shutdownHook);
    } catch (IllegalStateException e) {
      return; // The program is ending and the hook does this.
    }
    stop();
  }

  private synchronized void stop() {
    while (!processes.isEmpty()) {
      processes.pop().close();
    }
    TemporaryFolder.delete(directory);
  }

  private static String randomToken() {
    byte[] bytes = new byte[24];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
