package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.kinds.KindCatalog;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.ssa.FieldManager;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;

/** Makes and changes objects; each call is one transaction. */
public final class ObjectWriter {
  /** Kinds beside the custom ones that refuse an update without a resourceVersion. */
  private static final Set<String> CONDITIONAL_ONLY =
      Set.of(
          "leases.coordination.k8s.io",
          "poddisruptionbudgets.policy",
          "customresourcedefinitions.apiextensions.k8s.io");

  private static final String NAMESPACES = "namespaces";

  /** What a write left, and whether it made the object. */
  public record Written(KubeObject object, boolean created) {}

  private final ObjectStore store;
  private final KindCatalog kinds;
  private final Intake intake;
  private final Metadata metadata;
  private final FieldManager fieldManager;

  public ObjectWriter(ObjectStore store, KindCatalog kinds, Clock clock) {
    this.store = store;
    this.kinds = kinds;
    this.intake = new Intake(kinds, kinds.rules());
    this.metadata = new Metadata(clock);
    this.fieldManager = new FieldManager(clock);
  }

  public KubeObject create(
      ResourceType type, String namespace, KubeObject sent, WriteOptions options) {
    checkIdentity(type, new ObjectKey(namespace, ""), sent);
    if (!sent.resourceVersion().isEmpty()) {
      throw new ApiException(
          500, "", "resourceVersion should not be set on objects to be created", Json.object());
    }
    return store.transaction(() -> createNow(type, namespace, sent.copy(), options));
  }

  private KubeObject createNow(
      ResourceType type, String namespace, KubeObject object, WriteOptions options) {
    JsonNode sentManagers = object.metadata().path("managedFields").deepCopy();
    KubeObject made = make(type, namespace, object, options);
    KubeObject nothing = new KubeObject(Json.object());
    FieldManager.Writer writer = new FieldManager.Writer(options.manager(), "");
    fieldManager.update(nothing, made, sentManagers, writer, type);
    return insert(type, made, options);
  }

  /** Everything that makes an object out of what was sent, but for its managers. */
  private KubeObject make(
      ResourceType type, String namespace, KubeObject object, WriteOptions options) {
    requireNamespace(type, namespace, object.name());
    if (type.namespaced()) {
      object.metadata().put("namespace", namespace);
    } else {
      object.metadata().remove("namespace");
    }
    metadata.identify(object, type);
    if (store.get(type.collection(), ObjectKey.of(object)).isPresent()) {
      throw ApiException.alreadyExists(type, object.name());
    }
    intake.decode(object, type, options);
    if (type.hasStatus() && !type.collection().equals("nodes")) {
      object.json().remove("status");
    }
    kinds.of(type).create(object);
    KubeObject complete = intake.complete(object, type);
    intake.check(Optional.empty(), complete, type);
    return complete;
  }

  private KubeObject insert(ResourceType type, KubeObject object, WriteOptions options) {
    if (options.dryRun()) {
      return object;
    }
    KubeObject stored = store.put(type.collection(), object);
    kinds.of(type).stored(stored);
    return stored;
  }

  /** Replaces an object, or with an update option its status. */
  public KubeObject update(
      ResourceType type, ObjectKey key, KubeObject sent, WriteOptions options) {
    checkIdentity(type, key, sent);
    return store.transaction(() -> {
      KubeObject live = require(type, key);
      boolean conditional = type.custom() || CONDITIONAL_ONLY.contains(type.collection());
      if (sent.resourceVersion().isEmpty() && conditional) {
        throw ApiException.invalid(
            type,
            key.name(),
            List.of(
                Cause.invalid("metadata.resourceVersion", "0", "must be specified for an update")));
      }
      return change(type, live, sent.copy(), options);
    });
  }

  /** Changes an object by a patch of what is stored. */
  public KubeObject patch(
      ResourceType type, ObjectKey key, UnaryOperator<JsonNode> patch, WriteOptions options) {
    return store.transaction(() -> {
      KubeObject live = require(type, key);
      if (!(patch.apply(live.json().deepCopy()) instanceof ObjectNode patched)) {
        throw ApiException.badRequest("a patch must leave an object");
      }
      KubeObject sent = new KubeObject(patched);
      checkIdentity(type, key, sent);
      return change(type, live, sent, options);
    });
  }

  /** Gives a pod its node and notes that it is scheduled; nothing else may set either. */
  public KubeObject bind(KubeObject live, String node, ResourceType pods) {
    KubeObject bound = live.copy();
    ((ObjectNode) bound.spec()).put("nodeName", node);
    ObjectNode scheduled = Json.object().put("type", "PodScheduled").put("status", "True");
    scheduled.put("lastTransitionTime", metadata.now());
    Json.child(bound.json(), "status").withArray("conditions").add(scheduled);
    return insert(pods, bound, WriteOptions.internal("kube-apiserver"));
  }

  /** Lets an object go that only the control plane's own finalizer holds. */
  public void release(ResourceType type, ObjectKey key, UnaryOperator<KubeObject> withoutHold) {
    store.transaction(() ->
        store
            .get(type.collection(), key)
            .filter(KubeObject::deleting)
            .map(live ->
                commit(
                    type,
                    live,
                    withoutHold.apply(live.copy()),
                    WriteOptions.internal("kube-controller-manager"))));
  }

  /** Applies a configuration: makes the object where there is none. */
  public Written apply(
      ResourceType type, ObjectKey key, KubeObject configuration, WriteOptions options) {
    checkIdentity(type, key, configuration);
    if (!configuration.metadata().path("managedFields").isEmpty()) {
      throw ApiException.badRequest("metadata.managedFields must be nil");
    }
    return store.transaction(() -> {
      Optional<KubeObject> live = store.get(type.collection(), key);
      if (live.isEmpty()) {
        return new Written(applyNew(type, key, configuration, options), true);
      }
      return new Written(applyTo(type, live.get(), configuration, options), false);
    });
  }

  private KubeObject applyNew(
      ResourceType type, ObjectKey key, KubeObject configuration, WriteOptions options) {
    if (options.status()) {
      throw ApiException.notFound(type, key.name());
    }
    if (!configuration.uid().isEmpty()) {
      throw ApiException.conflict(
          type,
          key.name(),
          "uid mismatch: the provided object specified uid %s, and no existing object was found"
              .formatted(configuration.uid()));
    }
    KubeObject bare = new KubeObject(Json.object());
    bare.metadata().put("name", key.name());
    KubeObject merged = layOver(type, bare, configuration, options);
    JsonNode managers = merged.metadata().path("managedFields");
    KubeObject made = make(type, key.namespace(), merged, options);
    made.metadata().set("managedFields", managers);
    return insert(type, made, options);
  }

  private KubeObject applyTo(
      ResourceType type, KubeObject live, KubeObject configuration, WriteOptions options) {
    checkVersion(type, live, configuration);
    KubeObject merged = layOver(type, live, configuration, options);
    JsonNode managers = merged.metadata().path("managedFields");
    KubeObject after = prepare(type, live, merged, options);
    after.metadata().set("managedFields", managers);
    return commit(type, live, after, options);
  }

  private KubeObject layOver(
      ResourceType type, KubeObject live, KubeObject configuration, WriteOptions options) {
    KubeObject pruned = configuration.copy();
    intake.decodeApplied(pruned, type);
    FieldManager.Writer writer = new FieldManager.Writer(options.manager(), options.subresource());
    return fieldManager.apply(live, pruned, writer, options.force(), type);
  }

  private KubeObject change(
      ResourceType type, KubeObject live, KubeObject sent, WriteOptions options) {
    checkVersion(type, live, sent);
    JsonNode sentManagers = sentManagers(live, sent);
    KubeObject after = prepare(type, live, sent, options);
    FieldManager.Writer writer = new FieldManager.Writer(options.manager(), options.subresource());
    fieldManager.update(live, after, sentManagers, writer, type);
    return commit(type, live, after, options);
  }

  /** Managers that a client sent back as it got them are no wish to change them. */
  private static JsonNode sentManagers(KubeObject live, KubeObject sent) {
    JsonNode managers = sent.json().path("metadata").path("managedFields");
    JsonNode known = live.json().path("metadata").path("managedFields");
    return managers.isArray() && !managers.equals(known)
        ? managers.deepCopy()
        : MissingNode.getInstance();
  }

  private KubeObject prepare(
      ResourceType type, KubeObject live, KubeObject sent, WriteOptions options) {
    KubeObject part = options.status() ? withStatusOf(live, sent) : sent;
    metadata.keep(live, part);
    if (!options.status() && type.hasStatus()) {
      copyField("status", live.json(), part.json());
    }
    part.metadata().remove("managedFields");
    intake.decode(part, type, options);
    kinds.of(type).update(live, part);
    KubeObject after = intake.complete(part, type);
    checkFinalizers(type, live, after);
    intake.check(Optional.of(live), after, type);
    metadata.count(live, after, type);
    return after;
  }

  private static KubeObject withStatusOf(KubeObject live, KubeObject sent) {
    KubeObject result = live.copy();
    copyField("status", sent.json(), result.json());
    return result;
  }

  private static void copyField(String name, ObjectNode from, ObjectNode to) {
    if (from.has(name)) {
      to.set(name, from.get(name).deepCopy());
    } else {
      to.remove(name);
    }
  }

  private KubeObject commit(
      ResourceType type, KubeObject live, KubeObject after, WriteOptions options) {
    if (same(live, after)) {
      return live;
    }
    if (options.dryRun()) {
      return after;
    }
    KubeObject stored = store.put(type.collection(), after);
    kinds.of(type).stored(stored);
    if (Deleter.mayGo(stored, kinds.of(type))) {
      store.remove(type.collection(), ObjectKey.of(stored));
      kinds.of(type).removed(stored);
    }
    return stored;
  }

  /** Whether a write would change nothing; a manager's time alone is no change. */
  private static boolean same(KubeObject live, KubeObject after) {
    return withoutTimes(live).equals(withoutTimes(after));
  }

  private static ObjectNode withoutTimes(KubeObject object) {
    KubeObject copy = object.copy();
    for (JsonNode manager : copy.metadata().path("managedFields")) {
      ((ObjectNode) manager).remove("time");
    }
    return copy.json();
  }

  private static void checkFinalizers(ResourceType type, KubeObject live, KubeObject after) {
    if (!live.deleting()) {
      return;
    }
    List<String> added = new ArrayList<>(after.finalizers());
    added.removeAll(live.finalizers());
    if (!added.isEmpty()) {
      Cause cause =
          new Cause(
              "FieldValueForbidden",
              "Forbidden: no new finalizers can be added if the object is being deleted, found new"
                  + " finalizers []string{\""
                  + String.join("\", \"", added)
                  + "\"}",
              "metadata.finalizers");
      throw ApiException.invalid(type, live.name(), List.of(cause));
    }
  }

  private static void checkVersion(ResourceType type, KubeObject live, KubeObject sent) {
    String version = sent.resourceVersion();
    if (!version.isEmpty() && !version.equals("0") && !version.equals(live.resourceVersion())) {
      throw ApiException.conflict(
          type,
          live.name(),
          "the object has been modified; please apply your changes to the latest version and try"
              + " again");
    }
    if (!sent.uid().isEmpty() && !sent.uid().equals(live.uid())) {
      throw ApiException.conflict(
          type,
          live.name(),
          "Precondition failed: UID in precondition: %s, UID in object meta: %s"
              .formatted(sent.uid(), live.uid()));
    }
  }

  private static void checkIdentity(ResourceType type, ObjectKey key, KubeObject sent) {
    String apiVersion = Json.text(sent.json(), "apiVersion");
    if (sent.kind().isEmpty() || apiVersion.isEmpty()) {
      throw ApiException.badRequest("apiVersion and kind must be set");
    }
    if (!sent.kind().equals(type.kind()) || !apiVersion.equals(type.apiVersion())) {
      throw ApiException.badRequest(
          "%s, Kind=%s does not match the expected %s, Kind=%s"
              .formatted(apiVersion, sent.kind(), type.apiVersion(), type.kind()));
    }
    if (!key.name().isEmpty() && !sent.name().isEmpty() && !sent.name().equals(key.name())) {
      throw ApiException.badRequest(
          "the name of the object (%s) does not match the name on the URL (%s)"
              .formatted(sent.name(), key.name()));
    }
    boolean elsewhere = !sent.namespace().isEmpty() && !sent.namespace().equals(key.namespace());
    if (type.namespaced() && elsewhere) {
      throw ApiException.badRequest(
          "the namespace of the provided object does not match the namespace sent on the request");
    }
  }

  private void requireNamespace(ResourceType type, String namespace, String name) {
    if (!type.namespaced()) {
      return;
    }
    ResourceType namespaces = kinds.namespaces();
    KubeObject home =
        store
            .get(NAMESPACES, new ObjectKey("", namespace))
            .orElseThrow(() -> ApiException.notFound(namespaces, namespace));
    if (home.deleting()) {
      throw ApiException.forbidden(
          type,
          name,
          "unable to create new content in namespace %s because it is being terminated"
              .formatted(namespace));
    }
  }

  private KubeObject require(ResourceType type, ObjectKey key) {
    return store
        .get(type.collection(), key)
        .orElseThrow(() -> ApiException.notFound(type, key.name()));
  }
}
