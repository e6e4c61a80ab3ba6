package dev.kvasir.e2e.apiserver;

import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.DeleteOptions;
import dev.kvasir.e2e.apiserver.write.Deleter;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import dev.kvasir.e2e.apiserver.write.WriteOptions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Gives every namespace its default account, empties namespaces and definitions whose deletion has
 * begun, and then lets them go.
 */
final class Janitor implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(Janitor.class.getName());
  private static final Duration PERIOD = Duration.ofMillis(100);
  private static final String MANAGER = "kube-controller-manager";
  private static final String NAMESPACES = "namespaces";
  private static final String DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io";

  private final ObjectStore store;
  private final ResourceRegistry registry;
  private final ObjectWriter writer;
  private final Deleter deleter;
  private final Thread thread;

  private Janitor(
      ObjectStore store, ResourceRegistry registry, ObjectWriter writer, Deleter deleter) {
    this.store = store;
    this.registry = registry;
    this.writer = writer;
    this.deleter = deleter;
    this.thread = Thread.ofVirtual().name("janitor").unstarted(this::run);
  }

  static Janitor start(
      ObjectStore store, ResourceRegistry registry, ObjectWriter writer, Deleter deleter) {
    Janitor janitor = new Janitor(store, registry, writer, deleter);
    janitor.thread.start();
    return janitor;
  }

  private void run() {
    try {
      while (!Thread.interrupted()) {
        sweep();
        Thread.sleep(PERIOD);
      }
    } catch (InterruptedException e) {
      // The control plane closes.
    }
  }

  private void sweep() {
    try {
      active(NAMESPACES).forEach(this::giveAccount);
      deleting(NAMESPACES).forEach(this::emptyNamespace);
      deleting(DEFINITIONS).forEach(this::emptyDefinition);
    } catch (ApiException e) {
      LOG.log(System.Logger.Level.DEBUG, "will try again: {0}", e.getMessage());
    }
  }

  private List<KubeObject> deleting(String collection) {
    return store.list(collection).objects().stream().filter(KubeObject::deleting).toList();
  }

  private List<KubeObject> active(String collection) {
    return store.list(collection).objects().stream().filter(o -> !o.deleting()).toList();
  }

  private void giveAccount(KubeObject namespace) {
    ResourceType accounts = registry.builtIn("", "v1", "serviceaccounts");
    ObjectKey key = new ObjectKey(namespace.name(), "default");
    if (store.get(accounts.collection(), key).isEmpty()) {
      KubeObject account =
          new KubeObject(Json.object().put("apiVersion", "v1").put("kind", "ServiceAccount"));
      account.metadata().put("name", key.name());
      var _ = writer.create(accounts, key.namespace(), account, WriteOptions.internal(MANAGER));
    }
  }

  private void emptyNamespace(KubeObject namespace) {
    boolean empty = true;
    for (ResourceType type : registry.types()) {
      if (type.namespaced()) {
        empty &= deleteAll(type, o -> o.namespace().equals(namespace.name()));
      }
    }
    if (empty) {
      writer.release(
          registry.builtIn("", "v1", NAMESPACES),
          ObjectKey.of(namespace),
          Janitor::withoutSpecFinalizers);
    }
  }

  private void emptyDefinition(KubeObject definition) {
    boolean empty = true;
    for (ResourceType type : registry.definedBy(definition.name())) {
      empty &= deleteAll(type, o -> true);
    }
    if (empty) {
      writer.release(
          registry.builtIn("apiextensions.k8s.io", "v1", "customresourcedefinitions"),
          ObjectKey.of(definition),
          Janitor::withoutCleanup);
    }
  }

  private static KubeObject withoutSpecFinalizers(KubeObject namespace) {
    Json.child(namespace.json(), "spec").remove("finalizers");
    return namespace;
  }

  private static KubeObject withoutCleanup(KubeObject definition) {
    List<String> finalizers = new ArrayList<>(definition.finalizers());
    finalizers.remove(KindCatalog.DEFINITION_CLEANUP);
    definition.setFinalizers(finalizers);
    return definition;
  }

  /** Asks for the deletion of all; says whether none is left. */
  private boolean deleteAll(ResourceType type, Predicate<KubeObject> selection) {
    List<KubeObject> objects =
        store.list(type.collection()).objects().stream().filter(selection).toList();
    for (KubeObject object : objects) {
      if (!object.deleting()) {
        deleter.delete(type, ObjectKey.of(object), DeleteOptions.BACKGROUND);
      }
    }
    return objects.isEmpty();
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
