package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.template.ChatTemplate;
import dev.kvasir.runtime.template.TemplateException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads a conversation and has the model's template write it as a prompt. */
final class ChatPrompt {
  private static final int MAX_MESSAGES = 4096;
  private static final Set<String> ROLES =
      Set.of("system", "developer", "user", "assistant", "tool");

  private ChatPrompt() {}

  static Prompt parse(ServedModel model, Fields fields) throws ApiException {
    ChatTemplate template =
        model
            .chatTemplate()
            .orElseThrow(() ->
                ApiException.invalid(
                    "messages",
                    "this model has no chat template: use /v1/completions, or add a"
                        + " chat_template.jinja to the model's directory"));
    List<Map<String, Object>> messages = messages(fields);
    boolean generationPrompt = fields.bool("add_generation_prompt", true);
    fields.refuseUnless("continue_final_message", "false", v -> v.isBoolean() && !v.booleanValue());
    Map<String, Object> extra = kwargs(fields);
    boolean addSpecialTokens = fields.bool("add_special_tokens", false);
    String prompt = render(template, messages, generationPrompt, extra);
    return new Prompt(Prompts.encode(model, prompt, addSpecialTokens, "messages"), prompt);
  }

  private static String render(
      ChatTemplate template,
      List<Map<String, Object>> messages,
      boolean generationPrompt,
      Map<String, Object> extra)
      throws ApiException {
    try {
      return template.render(messages, generationPrompt, extra);
    } catch (TemplateException e) {
      throw ApiException.invalid("messages", "the model's chat template: " + e.getMessage());
    }
  }

  private static Map<String, Object> kwargs(Fields fields) throws ApiException {
    JsonNode value = fields.get("chat_template_kwargs");
    if (value == null) {
      return Map.of();
    }
    if (!value.isObject()) {
      throw Fields.wrongType("chat_template_kwargs", "an object", value);
    }
    Map<String, Object> kwargs = new LinkedHashMap<>();
    for (Map.Entry<String, JsonNode> entry : value.properties()) {
      kwargs.put(entry.getKey(), plain(entry.getValue()));
    }
    return kwargs;
  }

  private static List<Map<String, Object>> messages(Fields fields) throws ApiException {
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

  private static Map<String, Object> message(Fields message) throws ApiException {
    Map<String, Object> result = new LinkedHashMap<>();
    String role = message.string("role", "");
    if (!ROLES.contains(role)) {
      throw message.invalid(
          "role", "must be system, developer, user, assistant or tool, got '" + role + "'");
    }
    // Templates know no developer: OpenAI's newer name for the system role.
    result.put("role", role.equals("developer") ? "system" : role);
    result.put("content", content(message, role));
    for (String field : List.of("name", "tool_call_id", "reasoning_content")) {
      String value = message.string(field, null);
      if (value != null) {
        result.put(field, value);
      }
    }
    if (message.has("tool_calls")) {
      result.put("tool_calls", plain(message.get("tool_calls")));
    }
    message.refuse("refusal");
    message.refuse("audio");
    message.refuse("function_call");
    message.accept("annotations");
    message.refuseUnread();
    return result;
  }

  private static String content(Fields message, String role) throws ApiException {
    JsonNode content = message.get("content");
    if (content == null) {
      if (role.equals("assistant") && message.has("tool_calls")) {
        return null;
      }
      throw message.invalid("content", "is missing");
    }
    if (!content.isArray()) {
      return message.string("content", null);
    }
    StringBuilder text = new StringBuilder();
    for (Fields part : message.objects("content")) {
      String type = part.string("type", "");
      if (!type.equals("text")) {
        throw part.invalid(
            "type", "must be text, the only kind of part this model takes, got '" + type + "'");
      }
      text.append(text.isEmpty() ? "" : "\n").append(part.string("text", ""));
      part.refuseUnread();
    }
    return text.toString();
  }

  /** JSON as the template interpreter knows values. */
  private static Object plain(JsonNode node) {
    return switch (node.getNodeType()) {
      case NULL, MISSING -> null;
      case BOOLEAN -> node.booleanValue();
      case NUMBER ->
          node.canConvertToLong() && node.isIntegralNumber()
              ? (Object) node.longValue()
              : (Object) node.doubleValue();
      case ARRAY -> {
        List<Object> list = new ArrayList<>();
        node.forEach(item -> list.add(plain(item)));
        yield list;
      }
      case OBJECT -> {
        Map<String, Object> map = new LinkedHashMap<>();
        node.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
        yield map;
      }
      default -> node.asText();
    };
  }
}
