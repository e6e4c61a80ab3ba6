package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * Removes empty lists and empty maps of a built-in kind: its types leave them out, so that one that
 * is sent empty and one that isn't sent are the same.
 */
public final class EmptyParts {
  private EmptyParts() {}

  public static void remove(JsonNode value, Schema schema) {
    if (value instanceof ObjectNode object) {
      object.properties().removeIf(e -> empty(e.getValue(), schema.field(e.getKey())));
      object.properties().forEach(e -> remove(e.getValue(), schema.field(e.getKey())));
    } else if (value.isArray()) {
      value.forEach(item -> remove(item, schema.item()));
    }
  }

  private static boolean empty(JsonNode value, Schema schema) {
    boolean map = value.isObject() && schema.additional().isPresent();
    return (map || (value.isArray() && schema.items().isPresent())) && value.isEmpty();
  }
}
