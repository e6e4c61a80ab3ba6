package dev.kvasir.e2e.apiserver.ssa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The managers of an object and what each owns; metadata.managedFields as a value. */
final class ManagedFields {
  /** As upstream: beyond it the oldest updaters become one. */
  private static final int MAX_UPDATERS = 10;

  private static final String ANCIENT = "ancient-changes";

  /** Who a manager is; an applier is the same in every version of the API. */
  record Manager(String name, String operation, String apiVersion, String subresource) {
    static Manager applier(String name, String subresource) {
      return new Manager(name, "Apply", "", subresource);
    }

    static Manager updater(String name, String apiVersion, String subresource) {
      return new Manager(name, "Update", apiVersion, subresource);
    }

    boolean applies() {
      return operation.equals("Apply");
    }

    /** As conflicts name it. */
    String describe() {
      String sub = subresource.isEmpty() ? "" : " with subresource \"" + subresource + "\"";
      String using = applies() ? "" : " using " + apiVersion;
      return "\"" + name + "\"" + sub + using;
    }
  }

  /** What a manager owns, and when that last changed. */
  record Entry(String apiVersion, String time, FieldSet fields) {}

  private final Map<Manager, Entry> entries = new LinkedHashMap<>();

  static ManagedFields parse(JsonNode managedFields) {
    ManagedFields managed = new ManagedFields();
    for (JsonNode json : managedFields) {
      if (json.hasNonNull("operation")) {
        String operation = Json.text(json, "operation");
        String apiVersion = Json.text(json, "apiVersion");
        Manager manager =
            new Manager(
                Json.text(json, "manager"),
                operation,
                operation.equals("Apply") ? "" : apiVersion,
                Json.text(json, "subresource"));
        FieldSet fields = FieldSet.parse(json.path("fieldsV1"));
        managed.entries.put(manager, new Entry(apiVersion, Json.text(json, "time"), fields));
      }
    }
    return managed;
  }

  FieldSet of(Manager manager) {
    Entry entry = entries.get(manager);
    return entry == null ? new FieldSet() : entry.fields();
  }

  FieldSet all() {
    return entries.values().stream().map(Entry::fields).reduce(new FieldSet(), FieldSet::union);
  }

  List<Manager> managers() {
    return List.copyOf(entries.keySet());
  }

  /** Gives a manager the fields; its time moves only where they differ from what it had. */
  void set(Manager manager, String apiVersion, FieldSet fields, String now) {
    Entry old = entries.get(manager);
    if (fields.isEmpty()) {
      entries.remove(manager);
    } else if (old == null || !old.fields().equals(fields)) {
      entries.put(manager, new Entry(apiVersion, now, fields));
    }
  }

  /** Takes fields from a manager; that is no act of its own, so its time stays. */
  void take(Manager manager, FieldSet fields) {
    Entry entry = entries.get(manager);
    FieldSet rest = entry.fields().minus(fields);
    if (rest.isEmpty()) {
      entries.remove(manager);
    } else {
      entries.put(manager, new Entry(entry.apiVersion(), entry.time(), rest));
    }
  }

  void touch(Manager manager, String now) {
    entries.computeIfPresent(manager, (m, e) -> new Entry(e.apiVersion(), now, e.fields()));
  }

  void capUpdaters() {
    List<Manager> updaters =
        entries.keySet().stream()
            .filter(m -> !m.applies() && m.subresource().isEmpty())
            .sorted(Comparator.comparing(m -> entries.get(m).time()))
            .toList();
    int excess = updaters.size() - MAX_UPDATERS;
    for (int i = 0; i <= excess && excess > 0; i++) {
      Manager oldest = updaters.get(i);
      Entry entry = entries.remove(oldest);
      Manager ancient = Manager.updater(ANCIENT, oldest.apiVersion(), "");
      FieldSet fields = of(ancient).union(entry.fields());
      entries.put(ancient, new Entry(entry.apiVersion(), entry.time(), fields));
    }
  }

  ArrayNode toJson() {
    ArrayNode array = Json.array();
    entries.entrySet().stream()
        .sorted(
            Comparator.comparing((Map.Entry<Manager, Entry> e) -> e.getKey().operation())
                .thenComparing(e -> e.getValue().time())
                .thenComparing(e -> e.getKey().name()))
        .forEach(e -> array.add(toJson(e.getKey(), e.getValue())));
    return array;
  }

  private static ObjectNode toJson(Manager manager, Entry entry) {
    ObjectNode json = Json.object();
    json.put("apiVersion", entry.apiVersion()).put("fieldsType", "FieldsV1");
    json.set("fieldsV1", entry.fields().toFieldsV1());
    json.put("manager", manager.name()).put("operation", manager.operation());
    if (!manager.subresource().isEmpty()) {
      json.put("subresource", manager.subresource());
    }
    return json.put("time", entry.time());
  }
}
