package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Fills in the defaults of a schema; a null that the schema does not allow counts as left out. */
public final class Defaults {
  private Defaults() {}

  public static void apply(JsonNode value, Schema schema) {
    if (value instanceof ObjectNode object) {
      schema.properties().forEach((name, property) -> fill(object, name, property));
      object.properties().forEach(e -> apply(e.getValue(), schema.field(e.getKey())));
    } else if (value.isArray()) {
      value.forEach(item -> apply(item, schema.item()));
    }
  }

  private static void fill(ObjectNode object, String name, Schema property) {
    JsonNode value = object.get(name);
    JsonNode byDefault = property.source().get("default");
    if (value != null && value.isNull() && !property.nullable()) {
      object.remove(name);
      value = null;
    }
    if (value == null && byDefault != null) {
      object.set(name, byDefault.deepCopy());
    }
  }
}
