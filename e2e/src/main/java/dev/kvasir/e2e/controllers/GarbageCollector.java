package dev.kvasir.e2e.controllers;

import dev.kvasir.e2e.controllers.CollectionStep.OwnerState;
import io.fabric8.kubernetes.api.model.DeletionPropagation;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.OwnerReference;
import io.fabric8.kubernetes.api.model.apiextensions.v1.CustomResourceDefinition;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Deletes what lost its owners, and holds or frees what waits for its dependents. Watches every
 * kind, custom ones included.
 */
final class GarbageCollector implements AutoCloseable {
  private static final String DISCOVER = "";
  private static final Duration CUSTOM_KIND_DELAY = Duration.ofMillis(200);

  private final KubernetesClient client;
  private final Patches patches;
  private final ApiKinds discovery;
  private final ObjectGraph graph = new ObjectGraph();
  private final Map<ApiKind, SharedIndexInformer<GenericKubernetesResource>> informers =
      new ConcurrentHashMap<>();
  private final WorkQueue<String> queue = new WorkQueue<>("garbage-collector", this::handle);
  private SharedIndexInformer<CustomResourceDefinition> definitions;

  GarbageCollector(KubernetesClient client) {
    this.client = client;
    this.patches = new Patches(client);
    this.discovery = new ApiKinds(client);
  }

  void start() {
    queue.add(DISCOVER);
    queue.start();
    definitions =
        client
            .apiextensions()
            .v1()
            .customResourceDefinitions()
            .inform(
                new Watch<>(definition -> queue.addAfter(DISCOVER, CUSTOM_KIND_DELAY)),
                Watch.RESYNC_MILLIS);
  }

  private void handle(String uid) {
    if (uid.equals(DISCOVER)) {
      discover();
    } else {
      graph.find(uid).ifPresent(this::collect);
    }
  }

  private void discover() {
    List<ApiKind> kinds = discovery.discover();
    for (ApiKind kind : kinds) {
      informers.computeIfAbsent(
          kind, missing -> missing.in(client).inAnyNamespace().inform(new Handler(missing)));
    }
    for (ApiKind kind : Set.copyOf(informers.keySet())) {
      if (!kinds.contains(kind)) {
        informers.remove(kind).close();
      }
    }
  }

  private void changed(ApiKind kind, GenericKubernetesResource object) {
    graph.put(new ObjectGraph.Node(kind, object));
    queue.add(object.getMetadata().getUid());
    enqueueOwners(object);
  }

  private void gone(GenericKubernetesResource object) {
    graph.dependentsOf(object.getMetadata().getUid()).forEach(this::enqueue);
    graph.remove(object.getMetadata().getUid());
    enqueueOwners(object);
  }

  private void enqueueOwners(GenericKubernetesResource object) {
    object.getMetadata().getOwnerReferences().forEach(owner -> queue.add(owner.getUid()));
  }

  private void enqueue(ObjectGraph.Node node) {
    queue.add(node.object().getMetadata().getUid());
  }

  private void collect(ObjectGraph.Node known) {
    GenericKubernetesResource live = live(known);
    if (live == null) {
      return;
    }
    List<GenericKubernetesResource> dependents =
        graph.dependentsOf(live.getMetadata().getUid()).stream()
            .map(ObjectGraph.Node::object)
            .toList();
    switch (CollectionStep.of(live, owners(live), dependents)) {
      case CollectionStep.Nothing() -> {}
      case CollectionStep.Delete(boolean foreground) -> delete(known, foreground);
      case CollectionStep.DropOwners(Set<String> uids) -> dropOwners(live, uids);
      case CollectionStep.DeleteDependents() ->
          graph.dependentsOf(live.getMetadata().getUid()).forEach(this::enqueue);
      case CollectionStep.OrphanDependents() -> orphan(live, dependents);
      case CollectionStep.RemoveFinalizer(String finalizer) -> removeFinalizer(live, finalizer);
    }
  }

  /** The object as it is now; null where it is gone or another has its name. */
  private GenericKubernetesResource live(ObjectGraph.Node node) {
    var meta = node.object().getMetadata();
    GenericKubernetesResource live =
        node.kind().find(client, meta.getNamespace(), meta.getName()).get();
    return live != null && live.getMetadata().getUid().equals(meta.getUid()) ? live : null;
  }

  private Map<String, OwnerState> owners(GenericKubernetesResource object) {
    var states = new HashMap<String, OwnerState>();
    for (OwnerReference owner : object.getMetadata().getOwnerReferences()) {
      states.put(owner.getUid(), state(owner, object.getMetadata().getNamespace()));
    }
    return states;
  }

  private OwnerState state(OwnerReference owner, String namespace) {
    ApiKind kind = kind(owner);
    GenericKubernetesResource live =
        kind == null ? null : kind.find(client, namespace, owner.getName()).get();
    if (kind != null && (live == null || !live.getMetadata().getUid().equals(owner.getUid()))) {
      return OwnerState.ABSENT;
    }
    boolean waiting =
        live != null
            && live.getFinalizers().contains(CollectionStep.FOREGROUND)
            && live.isMarkedForDeletion();
    return waiting ? OwnerState.WAITING : OwnerState.PRESENT;
  }

  /** An owner of a kind that isn't known is taken to be there: nothing is deleted on a guess. */
  private ApiKind kind(OwnerReference owner) {
    return informers.keySet().stream()
        .filter(kind ->
            kind.kind().equals(owner.getKind()) && kind.apiVersion().equals(owner.getApiVersion()))
        .findFirst()
        .orElse(null);
  }

  private void delete(ObjectGraph.Node node, boolean foreground) {
    var meta = node.object().getMetadata();
    var resource = node.kind().find(client, meta.getNamespace(), meta.getName());
    var policy = foreground ? DeletionPropagation.FOREGROUND : DeletionPropagation.BACKGROUND;
    var _ = resource.withPropagationPolicy(policy).delete();
  }

  private void dropOwners(GenericKubernetesResource object, Set<String> uids) {
    patches.owners(
        object,
        object.getMetadata().getOwnerReferences().stream()
            .filter(owner -> !uids.contains(owner.getUid()))
            .toList());
  }

  private void orphan(GenericKubernetesResource owner, List<GenericKubernetesResource> dependents) {
    for (GenericKubernetesResource dependent : dependents) {
      try {
        dropOwners(dependent, Set.of(owner.getMetadata().getUid()));
      } catch (KubernetesClientException e) {
        if (e.getCode() != 404 && e.getCode() != 409) {
          throw e;
        }
      }
    }
  }

  private void removeFinalizer(GenericKubernetesResource object, String finalizer) {
    patches.finalizers(
        object, object.getFinalizers().stream().filter(f -> !f.equals(finalizer)).toList());
  }

  @Override
  public void close() {
    queue.close();
    if (definitions != null) {
      definitions.close();
    }
    informers.values().forEach(SharedIndexInformer::close);
  }

  private final class Handler implements ResourceEventHandler<GenericKubernetesResource> {
    private final ApiKind kind;

    Handler(ApiKind kind) {
      this.kind = kind;
    }

    @Override
    public void onAdd(GenericKubernetesResource object) {
      changed(kind, object);
    }

    @Override
    public void onUpdate(GenericKubernetesResource before, GenericKubernetesResource object) {
      enqueueOwners(before);
      changed(kind, object);
    }

    @Override
    public void onDelete(GenericKubernetesResource object, boolean stale) {
      gone(object);
    }
  }
}
