package dev.kvasir.e2e.apiserver.ssa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.ssa.ManagedFields.Manager;
import dev.kvasir.e2e.apiserver.ssa.TypedValue.Difference;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Keeps metadata.managedFields through every write, and carries out applies. */
public final class FieldManager {
  private static final String STATUS = "f:status";

  /** Who writes, through which subresource; empty for the object itself. */
  public record Writer(String manager, String subresource) {}

  private final Clock clock;

  public FieldManager(Clock clock) {
    this.clock = clock;
  }

  /**
   * Notes an ordinary write in the new object: its manager owns what it changed.
   *
   * @param live the object before, empty where the write makes it
   * @param sent the managedFields that the client sent, missing where it sent none
   */
  public void update(
      KubeObject live, KubeObject after, JsonNode sent, Writer writer, ResourceType type) {
    boolean replaced = sent.isArray();
    JsonNode kept = replaced ? sent : live.json().path("metadata").path("managedFields");
    ManagedFields managed = ManagedFields.parse(kept);
    Manager self = Manager.updater(writer.manager(), type.apiVersion(), writer.subresource());
    Difference difference = typed(live, type).differenceTo(typed(after, type));
    FieldSet changed = difference.written().union(difference.removed());
    for (Manager other : managed.managers()) {
      if (!other.equals(self)) {
        managed.take(other, changed);
      }
    }
    FieldSet owned = managed.of(self).minus(difference.removed()).union(difference.written());
    String now = KubeObject.timestamp(clock.instant());
    managed.set(self, type.apiVersion(), ownable(owned, writer, type), now);
    if (!difference.none()) {
      managed.touch(self, now);
    }
    managed.capUpdaters();
    store(after, managed);
  }

  /**
   * Lays a configuration over the live object: fields that this manager applied before and no
   * longer sends go, unless another manager owns them.
   */
  public KubeObject apply(
      KubeObject live, KubeObject configuration, Writer writer, boolean force, ResourceType type) {
    ManagedFields managed = ManagedFields.parse(live.json().path("metadata").path("managedFields"));
    Manager self = Manager.applier(writer.manager(), writer.subresource());
    TypedValue before = typed(live, type);
    TypedValue applied = typed(configurationOf(configuration, writer, type), type);
    FieldSet last = managed.of(self);
    FieldSet fields = ownable(applied.fields(), writer, type);
    String now = KubeObject.timestamp(clock.instant());
    managed.set(self, type.apiVersion(), fields, now);

    TypedValue merged = new TypedValue(before.merge(applied), type.schema());
    FieldSet gone =
        last.withNamedParents(type.schema()).minus(managed.all().withNamedParents(type.schema()));
    TypedValue after = new TypedValue(merged.without(gone), type.schema());
    Difference difference = before.differenceTo(after);
    Optional<LastApplied> lastApplied = LastApplied.of(live, writer);
    FieldSet own = lastApplied.map(l -> l.unchangedIn(live, type)).orElseGet(FieldSet::new);
    settle(managed, self, difference, own, force);

    KubeObject result = new KubeObject(((ObjectNode) after.value()).deepCopy());
    lastApplied.ifPresent(l -> LastApplied.remember(result, configuration));
    store(result, managed);
    return result;
  }

  /** Others keep what did not change; what did is a conflict unless it is forced or our own. */
  private static void settle(
      ManagedFields managed, Manager self, Difference difference, FieldSet own, boolean force) {
    Map<String, List<String>> conflicts = new TreeMap<>();
    for (Manager other : managed.managers()) {
      if (other.equals(self)) {
        continue;
      }
      FieldSet contested = managed.of(other).intersect(difference.written()).minus(own);
      if (!contested.isEmpty()) {
        conflicts
            .computeIfAbsent(other.describe(), d -> new ArrayList<>())
            .addAll(contested.paths());
      }
    }
    if (!force && !conflicts.isEmpty()) {
      throw conflict(conflicts);
    }
    FieldSet changed = difference.written().union(difference.removed());
    for (Manager other : managed.managers()) {
      if (!other.equals(self)) {
        managed.take(other, changed);
      }
    }
  }

  private static ApiException conflict(Map<String, List<String>> conflicts) {
    List<ApiException.Cause> causes = new ArrayList<>();
    StringBuilder many = new StringBuilder();
    conflicts.forEach((manager, paths) -> {
      many.append(many.isEmpty() ? "" : "\n").append("conflicts with ").append(manager);
      many.append(":");
      paths.forEach(path -> {
        many.append("\n- ").append(path);
        causes.add(
            new ApiException.Cause("FieldManagerConflict", "conflict with " + manager, path));
      });
    });
    ApiException.Cause first = causes.getFirst();
    String message =
        causes.size() == 1
            ? "Apply failed with 1 conflict: %s: %s".formatted(first.message(), first.field())
            : "Apply failed with %d conflicts: %s".formatted(causes.size(), many);
    return ApiException.applyConflict(message, causes);
  }

  /** What can be owned: no identity, and status only through its subresource. */
  private static FieldSet ownable(FieldSet fields, Writer writer, ResourceType type) {
    FieldSet own = fields.minus(IDENTITY);
    if (writer.subresource().equals("status")) {
      return own.only(STATUS);
    }
    return type.hasStatus() ? own.without(STATUS) : own;
  }

  private static KubeObject configurationOf(KubeObject sent, Writer writer, ResourceType type) {
    KubeObject configuration = sent.copy();
    ObjectNode json = configuration.json();
    if (writer.subresource().equals("status")) {
      JsonNode status = json.path("status");
      json.retain("apiVersion", "kind", "metadata");
      configuration.metadata().retain("name", "namespace");
      if (!status.isMissingNode()) {
        json.set("status", status);
      }
    } else if (type.hasStatus()) {
      json.remove("status");
    }
    configuration.metadata().remove("managedFields");
    configuration.metadata().remove("resourceVersion");
    configuration.metadata().remove("creationTimestamp");
    removeNulls(json);
    return configuration;
  }

  private static void removeNulls(JsonNode node) {
    if (node instanceof ObjectNode object) {
      object.properties().removeIf(e -> e.getValue().isNull());
    }
    if (node instanceof ArrayNode || node instanceof ObjectNode) {
      for (Iterator<JsonNode> parts = node.elements(); parts.hasNext(); ) {
        removeNulls(parts.next());
      }
    }
  }

  private static TypedValue typed(KubeObject object, ResourceType type) {
    ObjectNode json = object.json().deepCopy();
    if (json.get("metadata") instanceof ObjectNode metadata) {
      metadata.remove(List.of("managedFields", "resourceVersion", "generation"));
    }
    return new TypedValue(json, type.schema());
  }

  private static void store(KubeObject object, ManagedFields managed) {
    ArrayNode json = managed.toJson();
    if (json.isEmpty()) {
      object.metadata().remove("managedFields");
    } else {
      object.metadata().set("managedFields", json);
    }
  }

  private static final FieldSet IDENTITY = identity();

  private static FieldSet identity() {
    ObjectNode fields = Json.object();
    fields.putObject("f:apiVersion");
    fields.putObject("f:kind");
    ObjectNode metadata = fields.putObject("f:metadata");
    metadata.putObject(".");
    for (String name :
        List.of(
            "name",
            "namespace",
            "creationTimestamp",
            "selfLink",
            "uid",
            "generation",
            "managedFields",
            "resourceVersion")) {
      metadata.putObject("f:" + name);
    }
    return FieldSet.parse(fields);
  }
}
