package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads a request's messages as chat templates take them: without nulls, and with a call's
 * arguments as an object.
 *
 * @param takesParts whether the template reads content that is a list; else its texts are joined
 */
record ChatMessages(boolean takesParts) {
  private static final int MAX_MESSAGES = 4096;
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  /** The names that reasoning goes by; the first is what most templates read. */
  private static final List<String> REASONING =
      List.of("reasoning_content", "thinking", "reasoning");

  List<Map<String, Object>> read(Fields fields) throws ApiException {
    List<Fields> given = fields.objects("messages");
    if (given == null || given.isEmpty() || given.size() > MAX_MESSAGES) {
      throw ApiException.invalid(
          "messages",
          "'messages' must be a list of 1 to "
              + MAX_MESSAGES
              + " messages"
              + (given == null ? "" : ", got " + given.size()));
    }
    List<Map<String, Object>> messages = new ArrayList<>();
    for (Fields message : given) {
      messages.add(message(message));
    }
    return messages;
  }

  private Map<String, Object> message(Fields message) throws ApiException {
    Map<String, Object> result = new LinkedHashMap<>();
    String role = message.string("role", "");
    if (!ROLES.contains(role)) {
      throw message.invalid(
          "role", "must be system, developer, user, assistant or tool, got '" + role + "'");
    }
    // Templates know no developer: OpenAI's newer name for the system role.
    result.put("role", role.equals("developer") ? "system" : role);
    put(result, "content", content(message, role));
    put(result, "name", message.string("name", null));
    put(result, "tool_call_id", message.string("tool_call_id", null));
    putReasoning(result, message);
    put(result, "tool_calls", toolCalls(message));
    message.refuse("refusal");
    message.refuse("audio");
    message.refuse("function_call");
    message.accept("annotations");
    message.refuseUnread();
    return result;
  }

  private static void put(Map<String, Object> message, String field, Object value) {
    if (value != null) {
      message.put(field, value);
    }
  }

  /** Under the name that most templates read, and under that of gpt-oss. */
  private static void putReasoning(Map<String, Object> result, Fields message) throws ApiException {
    String reasoning = null;
    for (String name : REASONING) {
      String given = message.string(name, null);
      reasoning = reasoning == null ? given : reasoning;
    }
    put(result, "reasoning_content", reasoning);
    put(result, "thinking", reasoning);
  }

  private Object content(Fields message, String role) throws ApiException {
    JsonNode content = message.get("content");
    if (content == null) {
      if (role.equals("assistant") && saysOtherwise(message)) {
        return null;
      }
      throw message.invalid("content", "is missing");
    }
    return content.isArray() ? parts(message) : message.string("content", null);
  }

  private static boolean saysOtherwise(Fields message) {
    return message.has("tool_calls") || REASONING.stream().anyMatch(message::has);
  }

  private Object parts(Fields message) throws ApiException {
    List<Object> parts = new ArrayList<>();
    List<String> texts = new ArrayList<>();
    for (Fields part : message.objects("content")) {
      String type = part.string("type", "");
      if (!type.equals("text")) {
        throw part.invalid(
            "type", "must be text, the only kind of part this model takes, got '" + type + "'");
      }
      String text = part.string("text", "");
      part.refuseUnread();
      texts.add(text);
      parts.add(Map.of("type", "text", "text", text));
    }
    return takesParts ? parts : String.join("\n", texts);
  }

  private static List<Object> toolCalls(Fields message) throws ApiException {
    List<Fields> calls = message.objects("tool_calls");
    if (calls == null || calls.isEmpty()) {
      return null;
    }
    List<Object> result = new ArrayList<>();
    for (Fields call : calls) {
      result.add(toolCall(call));
    }
    return result;
  }

  private static Map<String, Object> toolCall(Fields call) throws ApiException {
    Fields function = call.object("function");
    if (function == null) {
      throw call.invalid("function", "is missing");
    }
    Map<String, Object> called = new LinkedHashMap<>();
    String name = function.string("name", null);
    if (name == null) {
      throw function.invalid("name", "is missing");
    }
    called.put("name", name);
    called.put("arguments", PlainValues.of(arguments(function)));
    function.refuseUnread();
    Map<String, Object> result = new LinkedHashMap<>();
    put(result, "id", call.string("id", null));
    result.put("type", call.string("type", "function"));
    result.put("function", called);
    call.accept("index");
    call.refuseUnread();
    return result;
  }

  /** OpenAI sends the object's text; templates want the object. */
  private static ObjectNode arguments(Fields function) throws ApiException {
    JsonNode given = function.get("arguments");
    if (given == null || (given.isTextual() && given.textValue().isBlank())) {
      return JsonText.newObject();
    }
    JsonNode value = given.isTextual() ? JsonText.parsed(given.textValue()) : given;
    if (value instanceof ObjectNode object) {
      return object;
    }
    throw function.invalid(
        "arguments", "must be the text of a JSON object, got " + Fields.describe(given));
  }
}
