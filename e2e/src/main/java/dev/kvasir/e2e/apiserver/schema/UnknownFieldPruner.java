package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Removes what a schema does not know, and says what that was. */
public final class UnknownFieldPruner {
  private final List<String> unknown = new ArrayList<>();

  /** The paths of the removed fields, as upstream writes them: spec.containers[0].foo. */
  public List<String> prune(JsonNode value, Schema schema) {
    visit(value, schema, "");
    return unknown;
  }

  private void visit(JsonNode value, Schema schema, String path) {
    if (value instanceof ObjectNode object) {
      List<String> gone =
          object.properties().stream()
              .map(Map.Entry::getKey)
              .filter(name -> !schema.knows(name))
              .toList();
      gone.forEach(name -> unknown.add(join(path, name)));
      object.remove(gone);
      object
          .properties()
          .forEach(e -> visit(e.getValue(), schema.field(e.getKey()), join(path, e.getKey())));
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        visit(value.get(i), schema.item(), path + "[" + i + "]");
      }
    }
  }

  private static String join(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
