package dev.kvasir.e2e.node;

import dev.kvasir.e2e.events.EventRecorder;
import dev.kvasir.e2e.process.Children;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** The node: registers itself, runs the pods bound to it, and serves their logs. */
public final class NodeAgent implements AutoCloseable, ResourceEventHandler<Pod> {
  private static final System.Logger LOG = System.getLogger(NodeAgent.class.getName());
  private static final long MAX_LOG_FILE_BYTES = 5L << 20;
  private static final long CLOSING_GRACE_SECONDS = 1;
  private static final long RESYNC_MILLIS = 30_000;

  private final KubernetesClient client;
  private final Path directory;
  private final NodeServices services;
  private final AddressBlock addresses;
  private final KubeletServer server;
  private final NodeRegistration registration;
  private final Scheduler scheduler;
  private final SharedIndexInformer<Pod> informer;
  private final Map<String, ManagedPod> pods = new ConcurrentHashMap<>();
  private volatile boolean closing;

  private NodeAgent(
      NodeAgentOptions options, KubernetesClient client, Children children, AddressBlock addresses)
      throws IOException {
    this.client = client;
    this.directory = Files.createDirectories(options.directory());
    this.addresses = addresses;
    this.services =
        new NodeServices(
            options.nodeName(),
            addresses.nodeAddress(),
            options.images(),
            children,
            new Checker(children),
            new ClusterConfigData(client),
            new EventRecorder(client, "kubelet", options.nodeName(), Clock.systemUTC()),
            MAX_LOG_FILE_BYTES,
            Clock.systemUTC());
    this.server = KubeletServer.start(addresses.nodeAddress(), directory, this::log);
    this.registration =
        NodeRegistration.register(
            client, options.nodeName(), addresses.nodeAddress(), server.port(), options.capacity());
    this.scheduler = new Scheduler(client, options.nodeName(), services.events());
    this.informer = client.pods().inAnyNamespace().inform(this, RESYNC_MILLIS);
  }

  /** Returns when the node is registered and watches its pods. */
  public static NodeAgent start(
      NodeAgentOptions options, KubernetesClient client, Children children) throws IOException {
    AddressBlock addresses = AddressBlock.claim(RandomGenerator.getDefault());
    try {
      return new NodeAgent(options, client, children, addresses);
    } catch (IOException | KubernetesClientException e) {
      addresses.close();
      throw e;
    }
  }

  public String address() {
    return addresses.nodeAddress();
  }

  @Override
  public void onAdd(Pod pod) {
    sync(pod);
  }

  @Override
  public void onUpdate(Pod before, Pod pod) {
    sync(pod);
  }

  @Override
  public void onDelete(Pod pod, boolean stale) {
    ManagedPod managed = pods.get(pod.getMetadata().getUid());
    if (managed != null && managed.mustStop(0)) {
      Thread.ofVirtual().start(() -> end(managed, 0, false));
    }
  }

  private synchronized void sync(Pod pod) {
    if (closing) {
      return;
    }
    if (pod.getSpec().getNodeName() == null) {
      scheduler.schedule(pod);
    } else if (pod.getSpec().getNodeName().equals(services.nodeName())) {
      syncOwn(pod);
    }
  }

  private void syncOwn(Pod pod) {
    ManagedPod managed = pods.get(pod.getMetadata().getUid());
    boolean deleted = pod.getMetadata().getDeletionTimestamp() != null;
    if (managed == null) {
      if (deleted) {
        Thread.ofVirtual().start(() -> removeFromApi(pod));
      } else if (!isTerminal(pod)) {
        startPod(pod);
      }
      return;
    }
    managed.observed(pod);
    Long grace = pod.getMetadata().getDeletionGracePeriodSeconds();
    if (deleted && managed.mustStop(grace == null ? 30 : grace)) {
      Thread.ofVirtual().start(() -> end(managed, grace == null ? 30 : grace, true));
    }
  }

  private void startPod(Pod pod) {
    String podIp = addresses.allocate();
    var reporter = new PodReporter[1];
    var worker = new PodWorker(pod, podIp, directoryOf(pod), services, () -> reporter[0].wake());
    reporter[0] = new PodReporter(client, pod, worker::view, services.clock());
    var managed = new ManagedPod(pod, worker, reporter[0]);
    pods.put(pod.getMetadata().getUid(), managed);
    managed.start();
  }

  private void end(ManagedPod managed, long graceSeconds, boolean inApi) {
    try {
      managed.stop(graceSeconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return;
    }
    if (!pods.remove(managed.pod().getMetadata().getUid(), managed)) {
      return;
    }
    if (inApi) {
      managed.reportEnd();
    }
    managed.forget();
    deleteDirectory(directoryOf(managed.pod()));
    if (inApi) {
      removeFromApi(managed.pod());
    }
    addresses.release(managed.worker().podIp());
  }

  /**
   * The node confirms that the pod is gone; until then it exists, so that its name isn't given to
   * another.
   */
  private void removeFromApi(Pod pod) {
    try {
      PodRemoval.remove(client, pod);
    } catch (KubernetesClientException e) {
      if (!closing && e.getCode() != 404 && e.getCode() != 409) {
        LOG.log(
            System.Logger.Level.WARNING,
            "removing pod " + pod.getMetadata().getName() + ": " + e.getMessage());
      }
    }
  }

  private Optional<ContainerLog> log(
      String namespace, String pod, String container, boolean previous) {
    return pods.values().stream()
        .filter(managed -> managed.pod().getMetadata().getNamespace().equals(namespace))
        .filter(managed -> managed.pod().getMetadata().getName().equals(pod))
        .findFirst()
        .flatMap(managed -> managed.worker().log(container, previous));
  }

  /** Stops every container and the node's own servers; the API server is told nothing. */
  @Override
  public void close() {
    synchronized (this) {
      closing = true;
    }
    informer.close();
    registration.close();
    stopAll();
    server.close();
    try {
      addresses.close();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "releasing addresses: " + e.getMessage());
    }
  }

  private void stopAll() {
    var threads = new ArrayList<Thread>();
    for (ManagedPod managed : pods.values()) {
      managed.forget();
      threads.add(Thread.ofVirtual().start(() -> stopQuickly(managed)));
    }
    try {
      for (Thread thread : threads) {
        thread.join(Duration.ofSeconds(10));
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void stopQuickly(ManagedPod managed) {
    try {
      managed.stop(CLOSING_GRACE_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private Path directoryOf(Pod pod) {
    var meta = pod.getMetadata();
    return directory.resolve(meta.getNamespace() + "_" + meta.getName() + "_" + meta.getUid());
  }

  private static boolean isTerminal(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }

  private static void deleteDirectory(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> files = Files.walk(directory)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "removing " + directory + ": " + e.getMessage());
    }
  }
}
