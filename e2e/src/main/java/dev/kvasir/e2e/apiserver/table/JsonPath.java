package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The JSONPath of printer columns: names, indexes, {@code [*]}, and filters such as {@code
 * [?(@.type=="Ready")]}. Anything else finds nothing.
 */
record JsonPath(List<Step> steps) {
  private static final Pattern STEP =
      Pattern.compile(
          "\\.(?<name>(?:[^.\\[\\]\\\\]|\\\\.)+)"
              + "|\\['(?<quoted>(?:[^'\\\\]|\\\\.)+)'\\]"
              + "|\\[(?<index>-?\\d+)\\]"
              + "|(?<all>\\[\\*\\])"
              + "|\\[\\?\\(@\\.(?<key>[\\w.-]+)\\s*==\\s*[\"'](?<value>[^\"']*)[\"']\\)\\]");

  /** One step: from some nodes to those it finds in them. */
  private interface Step {
    void find(JsonNode from, List<JsonNode> found);
  }

  static JsonPath parse(String text) {
    List<Step> steps = new ArrayList<>();
    Matcher matcher = STEP.matcher(text);
    int at = 0;
    while (matcher.find(at) && matcher.start() == at) {
      steps.add(step(matcher));
      at = matcher.end();
    }
    boolean whole = at == text.length();
    return new JsonPath(whole ? steps : List.of((from, found) -> {}));
  }

  private static Step step(Matcher matcher) {
    String name = matcher.group("name") != null ? matcher.group("name") : matcher.group("quoted");
    if (name != null) {
      String plain = name.replaceAll("\\\\(.)", "$1");
      return (from, found) -> found.add(from.path(plain));
    }
    if (matcher.group("index") != null) {
      int index = Integer.parseInt(matcher.group("index"));
      return (from, found) -> found.add(from.path(index < 0 ? from.size() + index : index));
    }
    if (matcher.group("all") != null) {
      return (from, found) -> from.forEach(found::add);
    }
    String key = matcher.group("key");
    String value = matcher.group("value");
    return (from, found) -> from.forEach(item -> keep(item, key, value, found));
  }

  private static void keep(JsonNode item, String key, String value, List<JsonNode> found) {
    JsonNode field = item;
    for (String name : key.split("\\.", -1)) {
      field = field.path(name);
    }
    if (field.asText().equals(value)) {
      found.add(item);
    }
  }

  List<JsonNode> find(JsonNode root) {
    List<JsonNode> nodes = List.of(root);
    for (Step step : steps) {
      List<JsonNode> next = new ArrayList<>();
      nodes.forEach(node -> step.find(node, next));
      nodes = next;
    }
    return nodes.stream().filter(n -> !n.isMissingNode() && !n.isNull()).toList();
  }

  /** The cell of a column of a type; null where there is nothing of that type. */
  JsonNode cell(JsonNode root, String type, Instant now) {
    List<JsonNode> found = find(root);
    if (found.isEmpty()) {
      return NullNode.getInstance();
    }
    JsonNode first = found.getFirst();
    return switch (type) {
      case "integer" -> first.isIntegralNumber() ? first : NullNode.getInstance();
      case "number" -> first.isNumber() ? first : NullNode.getInstance();
      case "boolean" -> first.isBoolean() ? first : NullNode.getInstance();
      case "date" -> TextNode.valueOf(Ages.since(first.asText(), now));
      default -> TextNode.valueOf(first.isTextual() ? first.asText() : first.toString());
    };
  }
}
