package dev.kvasir.e2e.proxy;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.io.IOException;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Gives every service with a selector a port of 127.0.0.1, and its own address where that is one of
 * loopback, and spreads the requests that come there over its ready pods.
 */
public final class ServiceProxy implements AutoCloseable, ResourceEventHandler<Service> {
  private static final System.Logger LOG = System.getLogger(ServiceProxy.class.getName());
  private static final String LOCALHOST = "127.0.0.1";
  private static final long RESYNC_MILLIS = 30_000;

  /** A service port and the port of 127.0.0.1 that it is served on. */
  public record Endpoint(String namespace, String service, int servicePort, int localPort) {}

  private record Key(String namespace, String service, int port) {}

  private record Open(ServiceListener local, Optional<ServiceListener> clusterAddress) {
    void stopAccepting() {
      local.stopAccepting();
      clusterAddress.ifPresent(ServiceListener::stopAccepting);
    }

    void close() {
      local.close();
      clusterAddress.ifPresent(ServiceListener::close);
    }
  }

  private final SharedIndexInformer<Pod> pods;
  private final SharedIndexInformer<Service> services;
  private final Map<String, Integer> wantedPorts;
  private final Consumer<Endpoint> opened;
  private final Map<Key, Open> listeners = new HashMap<>();

  /**
   * @param wantedPorts local ports for services that must have a certain one, by {@code
   *     namespace/name}
   * @param opened is told of each port that is served from now on
   */
  public ServiceProxy(
      KubernetesClient client, Map<String, Integer> wantedPorts, Consumer<Endpoint> opened) {
    this.wantedPorts = Map.copyOf(wantedPorts);
    this.opened = opened;
    this.pods = client.pods().inAnyNamespace().inform();
    this.services = client.services().inAnyNamespace().inform(this, RESYNC_MILLIS);
  }

  /** Where a service's first port is served on 127.0.0.1; empty where there is none, or not yet. */
  public synchronized OptionalInt localPort(String namespace, String service) {
    return listeners.entrySet().stream()
        .filter(
            e -> e.getKey().namespace().equals(namespace) && e.getKey().service().equals(service))
        .mapToInt(e -> e.getValue().local().port())
        .findFirst();
  }

  @Override
  public void onAdd(Service service) {
    sync(service);
  }

  @Override
  public void onUpdate(Service before, Service service) {
    sync(service);
  }

  @Override
  public synchronized void onDelete(Service service, boolean stale) {
    closeExcept(service, Set.of());
  }

  private synchronized void sync(Service service) {
    Set<Key> wanted = new HashSet<>();
    for (ServicePort port : service.getSpec().getPorts()) {
      if (isServed(service, port)) {
        wanted.add(key(service, port));
      }
    }
    closeExcept(service, wanted);
    service.getSpec().getPorts().stream()
        .filter(port ->
            wanted.contains(key(service, port)) && !listeners.containsKey(key(service, port)))
        .forEach(port -> open(service, port));
  }

  private static boolean isServed(Service service, ServicePort port) {
    Map<String, String> selector = service.getSpec().getSelector();
    boolean tcp = port.getProtocol() == null || port.getProtocol().equals("TCP");
    return tcp && selector != null && !selector.isEmpty();
  }

  private void open(Service service, ServicePort port) {
    String name = name(service);
    var forwarder = new HttpForwarder(new Backends(() -> backends(key(service, port))), name);
    try {
      ServiceListener local =
          ServiceListener.start(LOCALHOST, wantedPorts.getOrDefault(name, 0), forwarder);
      listeners.put(key(service, port), new Open(local, clusterAddress(service, port, forwarder)));
      var meta = service.getMetadata();
      opened.accept(
          new Endpoint(meta.getNamespace(), meta.getName(), port.getPort(), local.port()));
    } catch (IOException e) {
      LOG.log(System.Logger.Level.ERROR, "service " + name + " is not served: " + e.getMessage());
    }
  }

  private static Optional<ServiceListener> clusterAddress(
      Service service, ServicePort port, HttpForwarder forwarder) {
    String address = service.getSpec().getClusterIP();
    if (address == null || !address.startsWith("127.")) {
      return Optional.empty();
    }
    try {
      return Optional.of(ServiceListener.start(address, port.getPort(), forwarder));
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "service " + name(service) + " has no cluster address: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** By the service as it is now: its selector may have changed since its port was opened. */
  private List<Backend> backends(Key key) {
    Service service = services.getIndexer().getByKey(key.namespace() + "/" + key.service());
    if (service == null) {
      return List.of();
    }
    return service.getSpec().getPorts().stream()
        .filter(port -> port.getPort() == key.port())
        .flatMap(port -> ReadyPods.backends(service, port, pods.getIndexer().list()).stream())
        .toList();
  }

  private void closeExcept(Service service, Set<Key> wanted) {
    listeners
        .entrySet()
        .removeIf(entry -> {
          boolean obsolete = isOf(service, entry.getKey()) && !wanted.contains(entry.getKey());
          if (obsolete) {
            entry.getValue().stopAccepting();
          }
          return obsolete;
        });
  }

  private static boolean isOf(Service service, Key key) {
    return key.namespace().equals(service.getMetadata().getNamespace())
        && key.service().equals(service.getMetadata().getName());
  }

  private static Key key(Service service, ServicePort port) {
    return new Key(
        service.getMetadata().getNamespace(), service.getMetadata().getName(), port.getPort());
  }

  private static String name(Service service) {
    return service.getMetadata().getNamespace() + "/" + service.getMetadata().getName();
  }

  @Override
  public synchronized void close() {
    services.close();
    pods.close();
    listeners.values().forEach(Open::close);
  }
}
