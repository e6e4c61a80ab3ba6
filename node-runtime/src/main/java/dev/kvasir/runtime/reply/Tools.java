package dev.kvasir.runtime.reply;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.Map;

/** The tools that a request offers: by name the JSON schema of their arguments. */
public record Tools(Map<String, JsonNode> parameters) {

  boolean has(String name) {
    return parameters.containsKey(name);
  }

  /** The schema of an argument; a missing node where nothing is said of it. */
  JsonNode argument(String tool, String argument) {
    JsonNode schema = parameters.get(tool);
    return schema == null ? MissingNode.getInstance() : schema.path("properties").path(argument);
  }
}
