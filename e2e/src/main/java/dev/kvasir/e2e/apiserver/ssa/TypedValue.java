package dev.kvasir.e2e.apiserver.ssa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A value and its schema: its parts by path element, and what an apply does with two of them. */
record TypedValue(JsonNode value, Schema schema) {

  /** Whether its parts merge one by one; otherwise it is one leaf. */
  boolean granular() {
    return (value.isObject() && !schema.atomicMap())
        || (value.isArray() && schema.listType() != Schema.ListType.ATOMIC);
  }

  boolean absent() {
    return value.isMissingNode() || value.isNull();
  }

  /** The parts of a granular value by their path elements, in order. */
  Map<String, TypedValue> parts() {
    Map<String, TypedValue> parts = new LinkedHashMap<>();
    if (value.isObject()) {
      value
          .properties()
          .forEach(e ->
              parts.put("f:" + e.getKey(), new TypedValue(e.getValue(), schema.field(e.getKey()))));
    } else if (value.isArray()) {
      String prefix = schema.listType() == Schema.ListType.SET ? "v:" : "k:";
      for (JsonNode item : value) {
        parts.put(prefix + schema.keyOf(item), new TypedValue(item, schema.item()));
      }
    }
    return parts;
  }

  TypedValue missingPart() {
    return new TypedValue(MissingNode.getInstance(), Schema.ANY);
  }

  /** The fields that a configuration sets, and so owns when it is applied. */
  FieldSet fields() {
    FieldSet set = new FieldSet();
    collect(new ArrayList<>(), set);
    return set;
  }

  private void collect(List<String> path, FieldSet set) {
    if (!granular()) {
      set.insert(path);
      return;
    }
    for (var part : parts().entrySet()) {
      String element = part.getKey();
      path.add(element);
      boolean mapEntry = element.startsWith("f:") && !schema.isNamed(element.substring(2));
      if (mapEntry || !element.startsWith("f:") || part.getValue().value().isEmpty()) {
        set.insert(path);
      }
      part.getValue().collect(path, set);
      path.removeLast();
    }
  }

  /** This value with another laid over it. */
  JsonNode merge(TypedValue over) {
    if (over.absent()) {
      return value;
    }
    if (!granular() || !over.granular() || value.isObject() != over.value.isObject()) {
      return over.value;
    }
    return value.isObject() ? mergeObject(over) : mergeList(over);
  }

  private ObjectNode mergeObject(TypedValue over) {
    ObjectNode merged = Json.object();
    Map<String, TypedValue> theirs = over.parts();
    parts().forEach((e, part) -> merged.set(e.substring(2), part.mergedWith(theirs.get(e))));
    theirs.forEach((e, part) -> {
      if (!merged.has(e.substring(2))) {
        merged.set(e.substring(2), part.value);
      }
    });
    return merged;
  }

  private ArrayNode mergeList(TypedValue over) {
    ArrayNode merged = Json.array();
    Map<String, TypedValue> ours = parts();
    Map<String, TypedValue> theirs = over.parts();
    ours.forEach((e, part) -> merged.add(part.mergedWith(theirs.get(e))));
    theirs.forEach((e, part) -> {
      if (!ours.containsKey(e)) {
        merged.add(part.value);
      }
    });
    return merged;
  }

  private JsonNode mergedWith(TypedValue over) {
    return over == null ? value : merge(over);
  }

  /** This value without the members of a set and what lies under them. */
  JsonNode without(FieldSet gone) {
    if (!granular() || gone.children().isEmpty()) {
      return value;
    }
    ObjectNode object = Json.object();
    ArrayNode list = Json.array();
    for (var part : parts().entrySet()) {
      FieldSet inner = gone.children().get(part.getKey());
      if (inner == null || !inner.member()) {
        JsonNode kept = inner == null ? part.getValue().value : part.getValue().without(inner);
        if (value.isObject()) {
          object.set(part.getKey().substring(2), kept);
        } else {
          list.add(kept);
        }
      }
    }
    return value.isObject() ? object : list;
  }

  /** What differs between two values: fields that came, changed and went. */
  record Difference(FieldSet added, FieldSet modified, FieldSet removed) {
    boolean none() {
      return added.isEmpty() && modified.isEmpty() && removed.isEmpty();
    }

    FieldSet written() {
      return added.union(modified);
    }
  }

  Difference differenceTo(TypedValue after) {
    Difference difference = new Difference(new FieldSet(), new FieldSet(), new FieldSet());
    compare(this, after, new ArrayList<>(), difference);
    return difference;
  }

  private static void compare(
      TypedValue before, TypedValue after, List<String> path, Difference found) {
    if (before.absent() && after.absent()) {
      return;
    }
    if (comparable(before, after)) {
      compareParts(before, after, path, found);
    } else if (!before.absent() && !after.absent() && !before.value.equals(after.value)) {
      found.modified.insert(path);
    }
    if (before.absent()) {
      found.added.insert(path);
    } else if (after.absent()) {
      found.removed.insert(path);
    }
  }

  /** Whether the parts are looked at: granular on the sides that are there, and not both empty. */
  private static boolean comparable(TypedValue before, TypedValue after) {
    boolean shapes =
        before.absent() || after.absent() || before.value.isObject() == after.value.isObject();
    return shapes && (before.absent() || before.granular()) && (after.absent() || after.granular());
  }

  private static void compareParts(
      TypedValue before, TypedValue after, List<String> path, Difference found) {
    Map<String, TypedValue> ours = before.parts();
    Map<String, TypedValue> theirs = after.parts();
    Set<String> elements = new LinkedHashSet<>(ours.keySet());
    elements.addAll(theirs.keySet());
    for (String element : elements) {
      path.add(element);
      compare(
          ours.getOrDefault(element, before.missingPart()),
          theirs.getOrDefault(element, after.missingPart()),
          path,
          found);
      path.removeLast();
    }
  }
}
