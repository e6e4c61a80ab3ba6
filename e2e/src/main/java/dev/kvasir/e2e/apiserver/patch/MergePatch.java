package dev.kvasir.e2e.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;

/** RFC 7386: objects merge, null removes, everything else replaces. */
public final class MergePatch {
  private MergePatch() {}

  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    ObjectNode result = target instanceof ObjectNode object ? object.deepCopy() : Json.object();
    patch
        .properties()
        .forEach(e -> {
          if (e.getValue().isNull()) {
            result.remove(e.getKey());
          } else {
            result.set(e.getKey(), apply(result.path(e.getKey()), e.getValue()));
          }
        });
    return result;
  }
}
