package dev.kvasir.operator.gateway;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jboss.logging.Logger;

/** Keeps the catalog as the cluster is, a moment after each change. */
final class CatalogWatch implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(CatalogWatch.class);

  /** Many changes come together. */
  private static final long GATHER_MILLIS = 20;

  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("gateway-catalog").factory());
  private final AtomicBoolean due = new AtomicBoolean();
  private final List<SharedIndexInformer<InferenceDeployment>> deployments = new ArrayList<>();
  private final List<SharedIndexInformer<Pod>> pods = new ArrayList<>();
  private final KubernetesClient client;
  private final Optional<List<String>> namespaces;
  private final Consumer<Catalog> news;

  CatalogWatch(KubernetesClient client, Optional<List<String>> namespaces, Consumer<Catalog> news) {
    this.client = client;
    this.namespaces = namespaces;
    this.news = news;
  }

  /** Returns when everything that there is has been seen. */
  void start() {
    if (namespaces.isEmpty()) {
      deployments.add(
          client
              .resources(InferenceDeployment.class)
              .inAnyNamespace()
              .inform(new Changes<InferenceDeployment>()));
      pods.add(
          client
              .pods()
              .inAnyNamespace()
              .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
              .inform(new Changes<Pod>()));
    }
    namespaces.orElse(List.of()).forEach(this::watch);
    publish();
  }

  private void watch(String namespace) {
    deployments.add(
        client
            .resources(InferenceDeployment.class)
            .inNamespace(namespace)
            .inform(new Changes<InferenceDeployment>()));
    pods.add(
        client
            .pods()
            .inNamespace(namespace)
            .withLabel(Names.MANAGED_BY, Names.FIELD_MANAGER)
            .inform(new Changes<Pod>()));
  }

  private void changed() {
    if (due.compareAndSet(false, true)) {
      var _ = thread.schedule(this::publish, GATHER_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private void publish() {
    due.set(false);
    try {
      news.accept(
          CatalogReader.read(
              deployments.stream().flatMap(i -> i.getIndexer().list().stream()).toList(),
              pods.stream().flatMap(i -> i.getIndexer().list().stream()).toList()));
    } catch (RuntimeException e) {
      LOG.error("the catalog could not be renewed", e);
    }
  }

  private final class Changes<T extends HasMetadata> implements ResourceEventHandler<T> {
    @Override
    public void onAdd(T object) {
      changed();
    }

    @Override
    public void onUpdate(T before, T after) {
      changed();
    }

    @Override
    public void onDelete(T object, boolean finalStateUnknown) {
      changed();
    }
  }

  @Override
  public void close() {
    thread.shutdownNow();
    deployments.forEach(SharedIndexInformer::close);
    pods.forEach(SharedIndexInformer::close);
  }
}
