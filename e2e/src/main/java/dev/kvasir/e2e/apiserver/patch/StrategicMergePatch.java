package dev.kvasir.e2e.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Kubernetes' own merge patch: lists of the built-in kinds merge by a key, with the directives
 * {@code $patch}, {@code $deleteFromPrimitiveList}, {@code $setElementOrder} and {@code
 * $retainKeys}.
 */
public final class StrategicMergePatch {
  private static final String DIRECTIVE = "$patch";
  private static final String DELETE_FROM = "$deleteFromPrimitiveList/";
  private static final String ORDER = "$setElementOrder/";
  private static final String RETAIN = "$retainKeys";

  private StrategicMergePatch() {}

  public static JsonNode apply(JsonNode target, JsonNode patch, Schema schema) {
    if (!patch.isObject()) {
      throw ApiException.badRequest("a strategic merge patch is an object");
    }
    return mergeObject(target, (ObjectNode) patch, schema);
  }

  private static ObjectNode mergeObject(JsonNode target, ObjectNode patch, Schema schema) {
    String directive = Json.text(patch, DIRECTIVE);
    if (directive.equals("delete")) {
      return Json.object();
    }
    boolean replace = directive.equals("replace");
    ObjectNode result =
        !replace && target instanceof ObjectNode object ? object.deepCopy() : Json.object();
    retain(result, patch.path(RETAIN));
    for (var entry : patch.properties()) {
      mergeField(result, entry.getKey(), entry.getValue(), schema);
    }
    for (var entry : patch.properties()) {
      if (entry.getKey().startsWith(ORDER)) {
        order(result, entry.getKey().substring(ORDER.length()), entry.getValue(), schema);
      }
    }
    return result;
  }

  private static void mergeField(ObjectNode result, String name, JsonNode value, Schema schema) {
    if (name.startsWith(DELETE_FROM)) {
      deleteFrom(result, name.substring(DELETE_FROM.length()), value);
    } else if (name.equals(DIRECTIVE) || name.equals(RETAIN) || name.startsWith(ORDER)) {
      return;
    } else if (value.isNull()) {
      result.remove(name);
    } else if (value instanceof ObjectNode object) {
      if (Json.text(object, DIRECTIVE).equals("delete")) {
        result.remove(name);
      } else {
        result.set(name, mergeObject(result.path(name), object, schema.field(name)));
      }
    } else if (value instanceof ArrayNode array) {
      result.set(name, mergeList(result.path(name), array, schema.field(name)));
    } else {
      result.set(name, value);
    }
  }

  private static ArrayNode mergeList(JsonNode target, ArrayNode patch, Schema schema) {
    if (schema.listType() == Schema.ListType.SET) {
      return union(target, patch);
    }
    String key = schema.mergeKey();
    if (key.isEmpty() || hasDirective(patch, "replace")) {
      return withoutDirectives(patch);
    }
    List<JsonNode> items = new ArrayList<>();
    target.forEach(items::add);
    for (JsonNode item : patch) {
      mergeItem(items, item, key, schema.item());
    }
    return Json.array().addAll(items);
  }

  private static void mergeItem(List<JsonNode> items, JsonNode item, String key, Schema schema) {
    JsonNode id = item.path(key);
    if (id.isMissingNode()) {
      throw ApiException.badRequest(
          "map: %s does not contain declared merge key: %s".formatted(item, key));
    }
    int at = indexOf(items, key, id);
    if (Json.text(item, DIRECTIVE).equals("delete")) {
      items.removeIf(i -> i.path(key).equals(id));
    } else if (at < 0) {
      items.add(mergeObject(Json.object(), (ObjectNode) item, schema));
    } else {
      items.set(at, mergeObject(items.get(at), (ObjectNode) item, schema));
    }
  }

  private static int indexOf(List<JsonNode> items, String key, JsonNode id) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i).path(key).equals(id)) {
        return i;
      }
    }
    return -1;
  }

  private static ArrayNode union(JsonNode target, ArrayNode patch) {
    ArrayNode union = Json.array();
    Set<JsonNode> seen = new HashSet<>();
    target.forEach(item -> addNew(union, seen, item));
    patch.forEach(item -> addNew(union, seen, item));
    return union;
  }

  private static void addNew(ArrayNode union, Set<JsonNode> seen, JsonNode item) {
    if (seen.add(item)) {
      union.add(item);
    }
  }

  private static boolean hasDirective(ArrayNode patch, String directive) {
    for (JsonNode item : patch) {
      if (Json.text(item, DIRECTIVE).equals(directive)) {
        return true;
      }
    }
    return false;
  }

  private static ArrayNode withoutDirectives(ArrayNode patch) {
    ArrayNode items = Json.array();
    for (JsonNode item : patch) {
      if (!item.has(DIRECTIVE)) {
        items.add(item);
      }
    }
    return items;
  }

  private static void deleteFrom(ObjectNode result, String name, JsonNode values) {
    if (!(result.get(name) instanceof ArrayNode list)) {
      return;
    }
    Set<JsonNode> gone = new HashSet<>();
    values.forEach(gone::add);
    ArrayNode kept = Json.array();
    list.forEach(item -> addUnless(kept, gone, item));
    result.set(name, kept);
  }

  private static void addUnless(ArrayNode kept, Set<JsonNode> gone, JsonNode item) {
    if (!gone.contains(item)) {
      kept.add(item);
    }
  }

  private static void retain(ObjectNode result, JsonNode names) {
    if (names.isArray()) {
      result.retain(Json.texts(names));
    }
  }

  /** Items that the order names come in its order; the others keep their place after them. */
  private static void order(ObjectNode result, String name, JsonNode order, Schema schema) {
    if (!(result.get(name) instanceof ArrayNode list)) {
      return;
    }
    String key = schema.field(name).mergeKey();
    List<JsonNode> wanted = new ArrayList<>();
    order.forEach(o -> wanted.add(key.isEmpty() ? o : o.path(key)));
    List<JsonNode> items = new ArrayList<>();
    list.forEach(items::add);
    items.sort(
        Comparator.comparingInt(item -> {
          int at = wanted.indexOf(key.isEmpty() ? item : item.path(key));
          return at < 0 ? wanted.size() : at;
        }));
    result.set(name, Json.array().addAll(items));
  }
}
