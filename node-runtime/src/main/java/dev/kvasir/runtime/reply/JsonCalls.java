package dev.kvasir.runtime.reply;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Calls written as JSON: an object with a name and arguments, or a list of such. */
final class JsonCalls {
  private static final int MAX_NUMBER = 400;
  static final ObjectMapper MAPPER =
      JsonMapper.builder(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNumberLength(MAX_NUMBER).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .build();

  private JsonCalls() {}

  /** The calls of a JSON text; empty where a part of it is no call. */
  static List<Call> of(String json) {
    JsonNode node = parse(json).orElse(null);
    if (node == null) {
      return List.of();
    }
    List<Call> calls = new ArrayList<>();
    for (JsonNode each : node.isArray() ? node : List.of(node)) {
      Optional<Call> call = call(each);
      if (call.isEmpty()) {
        return List.of();
      }
      calls.add(call.get());
    }
    return calls;
  }

  private static Optional<Call> call(JsonNode node) {
    JsonNode function = node.path("function").isObject() ? node.get("function") : node;
    JsonNode name = function.path("name");
    JsonNode given =
        function.has("arguments") ? function.get("arguments") : function.get("parameters");
    Optional<String> arguments = arguments(given);
    return name.isTextual() && !name.textValue().isEmpty() && arguments.isPresent()
        ? Optional.of(new Call(name.textValue(), arguments.get()))
        : Optional.empty();
  }

  /**
   * Reads an object up to where its arguments begin, if it has the name first and they are next.
   */
  static String nameBeforeArguments(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.take("{");
    in.skipSpace();
    in.take("\"name\"");
    colon(in);
    in.take("\"");
    String name = in.takeName();
    in.take("\"");
    in.skipSpace();
    in.take(",");
    in.skipSpace();
    if (!in.takeIf("\"arguments\"")) {
      in.take("\"parameters\"");
    }
    colon(in);
    return tools.has(name) && in.nextIs('{') ? name : null;
  }

  private static void colon(Cursor in) throws NeedMoreText, NotACall {
    in.skipSpace();
    in.take(":");
    in.skipSpace();
  }

  /** A call whose name stands before its arguments. */
  static Optional<Call> named(String name, String arguments) {
    return parse(arguments)
        .filter(node -> node.isObject() && !name.isEmpty())
        .map(node -> new Call(name, node.toString()));
  }

  /** An object's text; some models write the object as a string. */
  private static Optional<String> arguments(JsonNode given) {
    if (given == null || given.isNull()) {
      return Optional.of("{}");
    }
    if (given.isTextual()) {
      return parse(given.textValue()).filter(JsonNode::isObject).map(JsonNode::toString);
    }
    return given.isObject() ? Optional.of(given.toString()) : Optional.empty();
  }

  static Optional<JsonNode> parse(String json) {
    try {
      return Optional.ofNullable(MAPPER.readTree(json)).filter(node -> !node.isMissingNode());
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
