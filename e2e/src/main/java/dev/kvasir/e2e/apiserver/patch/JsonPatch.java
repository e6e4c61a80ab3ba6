package dev.kvasir.e2e.apiserver.patch;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.Arrays;
import java.util.List;

/** RFC 6902: a list of operations, all of which must succeed. */
public final class JsonPatch {
  private static final int MAX_OPERATIONS = 10_000;

  private JsonNode document;

  private JsonPatch(JsonNode document) {
    this.document = document;
  }

  public static JsonNode apply(JsonNode target, JsonNode operations) {
    if (!operations.isArray()) {
      throw ApiException.badRequest("a JSON patch is an array of operations");
    }
    if (operations.size() > MAX_OPERATIONS) {
      throw ApiException.tooLarge(MAX_OPERATIONS);
    }
    JsonPatch patch = new JsonPatch(target.deepCopy());
    operations.forEach(patch::operate);
    return patch.document;
  }

  private void operate(JsonNode operation) {
    String path = Json.text(operation, "path");
    switch (Json.text(operation, "op")) {
      case "add" -> add(path, value(operation));
      case "remove" -> remove(path);
      case "replace" -> replace(path, value(operation));
      case "move" -> add(path, remove(Json.text(operation, "from")));
      case "copy" -> add(path, find(Json.text(operation, "from")).deepCopy());
      case "test" -> test(path, operation.path("value"));
      default -> throw failed("unknown operation: " + operation);
    }
  }

  private static JsonNode value(JsonNode operation) {
    if (!operation.has("value")) {
      throw failed("operation without a value: " + operation);
    }
    return operation.get("value").deepCopy();
  }

  private void add(String path, JsonNode value) {
    List<String> names = names(path);
    if (names.isEmpty()) {
      document = value;
      return;
    }
    String last = names.getLast();
    switch (parent(path, names)) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array when last.equals("-") -> array.add(value);
      case ArrayNode array -> array.insert(index(last, array.size(), path), value);
      default -> throw missing("add", path);
    }
  }

  private JsonNode remove(String path) {
    List<String> names = names(path);
    JsonNode removed = find(path);
    switch (names.isEmpty() ? document : parent(path, names)) {
      case ObjectNode object when !names.isEmpty() -> object.remove(names.getLast());
      case ArrayNode array when !names.isEmpty() ->
          array.remove(index(names.getLast(), array.size() - 1, path));
      default -> throw missing("remove", path);
    }
    return removed;
  }

  private void replace(String path, JsonNode value) {
    List<String> names = names(path);
    find(path);
    if (names.isEmpty()) {
      document = value;
      return;
    }
    String last = names.getLast();
    switch (parent(path, names)) {
      case ObjectNode object -> object.set(last, value);
      case ArrayNode array -> array.set(index(last, array.size() - 1, path), value);
      default -> throw missing("replace", path);
    }
  }

  private void test(String path, JsonNode expected) {
    JsonNode actual = names(path).isEmpty() ? document : resolve(names(path));
    boolean same =
        actual.equals(expected)
            || (actual.isNumber()
                && expected.isNumber()
                && actual.decimalValue().compareTo(expected.decimalValue()) == 0)
            || (actual.isMissingNode() && expected.isNull());
    if (!same) {
      throw failed("testing value %s failed".formatted(path));
    }
  }

  private JsonNode find(String path) {
    JsonNode found = resolve(names(path));
    if (found.isMissingNode()) {
      throw missing("find", path);
    }
    return found;
  }

  private JsonNode parent(String path, List<String> names) {
    JsonNode parent = resolve(names.subList(0, names.size() - 1));
    if (!parent.isContainerNode()) {
      throw missing("find the parent of", path);
    }
    return parent;
  }

  private JsonNode resolve(List<String> names) {
    JsonNode node = document;
    for (String name : names) {
      node = node.isArray() ? node.path(index(name, node.size() - 1, name)) : node.path(name);
    }
    return node;
  }

  private static List<String> names(String pointer) {
    if (pointer.isEmpty()) {
      return List.of();
    }
    if (!pointer.startsWith("/")) {
      throw failed("a path begins with '/': " + pointer);
    }
    return Arrays.stream(pointer.substring(1).split("/", -1))
        .map(name -> name.replace("~1", "/").replace("~0", "~"))
        .toList();
  }

  private static int index(String name, int max, String path) {
    try {
      int index = Integer.parseInt(name);
      if (index >= 0 && index <= max) {
        return index;
      }
    } catch (NumberFormatException e) {
      // Told below: no number is as wrong as one out of range.
    }
    throw failed("no such index %s in %s".formatted(name, path));
  }

  private static ApiException missing(String operation, String path) {
    return failed("unable to %s path %s: it does not exist".formatted(operation, path));
  }

  private static ApiException failed(String why) {
    return new ApiException(
        422,
        "Invalid",
        "the server rejected our request due to an error in our request: " + why,
        Json.object());
  }
}
