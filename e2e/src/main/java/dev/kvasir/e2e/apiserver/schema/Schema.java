package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a value may be, and how lists and maps of it merge.
 *
 * @param type object, array, string, integer, number or boolean; empty for an integer or a string
 *     where intOrString, and for anything
 * @param listKeys the keys of the items, where the list is a map of them
 * @param mergeKey the one key that a strategic merge tells items apart by; empty where it replaces
 *     the list
 * @param open whether fields that the schema does not name are kept
 * @param source the JSON schema it was read from, with its limits, defaults and rules
 */
public record Schema(
    String type,
    Map<String, Schema> properties,
    Optional<Schema> additional,
    Optional<Schema> items,
    ListType listType,
    List<String> listKeys,
    String mergeKey,
    boolean atomicMap,
    boolean intOrString,
    boolean nullable,
    boolean open,
    ObjectNode source) {

  /** How two lists merge. */
  public enum ListType {
    ATOMIC,
    SET,
    MAP
  }

  /** Anything at all; its maps merge and its lists are replaced. */
  public static final Schema ANY =
      new Schema(
          "",
          Map.of(),
          Optional.empty(),
          Optional.empty(),
          ListType.ATOMIC,
          List.of(),
          "",
          false,
          false,
          true,
          true,
          Json.object());

  /** Reads a structural schema as a CustomResourceDefinition holds it. */
  public static Schema parse(JsonNode json) {
    return parse(json, Map.of());
  }

  /** The same, where more properties of the top level are known from elsewhere. */
  static Schema parse(JsonNode json, Map<String, Schema> known) {
    Map<String, Schema> properties = new LinkedHashMap<>();
    json.path("properties")
        .properties()
        .forEach(e -> properties.put(e.getKey(), parse(e.getValue())));
    known.forEach((name, schema) -> properties.merge(name, schema, (own, k) -> k));
    JsonNode additional = json.path("additionalProperties");
    String keys = "x-kubernetes-list-map-keys";
    return new Schema(
        Json.text(json, "type"),
        properties,
        additional.isObject()
            ? Optional.of(parse(additional))
            : additional.asBoolean() ? Optional.of(ANY) : Optional.empty(),
        json.path("items").isObject() ? Optional.of(parse(json.path("items"))) : Optional.empty(),
        listType(Json.text(json, "x-kubernetes-list-type")),
        Json.texts(json.path(keys)),
        json.path(keys).path(0).asText(""),
        Json.text(json, "x-kubernetes-map-type").equals("atomic"),
        json.path("x-kubernetes-int-or-string").asBoolean(),
        json.path("nullable").asBoolean(),
        json.path("x-kubernetes-preserve-unknown-fields").asBoolean(),
        json instanceof ObjectNode source ? source : Json.object());
  }

  private static ListType listType(String name) {
    return switch (name) {
      case "map" -> ListType.MAP;
      case "set" -> ListType.SET;
      default -> ListType.ATOMIC;
    };
  }

  /** The schema of a field; anything where the schema does not know the field. */
  public Schema field(String name) {
    Schema property = properties.get(name);
    return property != null ? property : additional.orElse(ANY);
  }

  public Schema item() {
    return items.orElse(ANY);
  }

  /** Whether a field may be there. */
  public boolean knows(String name) {
    return properties.containsKey(name)
        || additional.isPresent()
        || open
        || (properties.isEmpty() && type.isEmpty());
  }

  public boolean isNamed(String field) {
    return properties.containsKey(field);
  }

  /** The items of a list that is a map, by their keys. */
  public Map<JsonNode, JsonNode> byKey(JsonNode list) {
    Map<JsonNode, JsonNode> byKey = new LinkedHashMap<>();
    list.forEach(item -> byKey.put(keyOf(item), item));
    return byKey;
  }

  /** The key of an item: the fields that tell it apart, with the schema's defaults. */
  public JsonNode keyOf(JsonNode item) {
    if (listType == ListType.SET) {
      return item;
    }
    ObjectNode key = Json.object();
    for (String name : listKeys.stream().sorted().toList()) {
      JsonNode value = item.path(name);
      key.set(name, value.isMissingNode() ? item().field(name).source.path("default") : value);
    }
    return key;
  }
}
