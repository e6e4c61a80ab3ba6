package dev.kvasir.operator.console;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.Set;

/**
 * What the chat box sends.
 *
 * @param deployment NAMESPACE/NAME
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ChatAsk(
    String deployment,
    List<Message> messages,
    @JsonProperty("max_tokens") Integer maxTokens,
    Double temperature) {
  static final int MOST_BYTES = 1 << 18;
  private static final int MOST_MESSAGES = 200;
  private static final int MOST_TOKENS = 8192;
  private static final Set<String> ROLES = Set.of("system", "user", "assistant");
  private static final JsonMapper JSON = new JsonMapper();

  /** One turn. */
  record Message(String role, String content) {}

  ChatAsk {
    require(deployment != null, "deployment is missing: say NAMESPACE/NAME");
    require(
        messages != null && !messages.isEmpty() && messages.size() <= MOST_MESSAGES,
        "messages must be 1 to " + MOST_MESSAGES);
    for (Message message : messages) {
      require(
          message != null && ROLES.contains(String.valueOf(message.role())),
          "a message's role must be one of system, user and assistant");
      require(message.content() != null, "a message has no content");
    }
    require(
        maxTokens == null || (maxTokens >= 1 && maxTokens <= MOST_TOKENS),
        "max_tokens must be 1 to %d, not %s".formatted(MOST_TOKENS, maxTokens));
    require(
        temperature == null || (temperature >= 0 && temperature <= 2),
        "temperature must be 0 to 2, not " + temperature);
    messages = List.copyOf(messages);
  }

  private static void require(boolean holds, String message) {
    if (!holds) {
      throw new IllegalArgumentException(message);
    }
  }

  /** Throws {@link IllegalArgumentException} where it makes no sense. */
  static ChatAsk parse(String body) {
    try {
      JsonNode json = JSON.readTree(body);
      require(json != null && json.isObject(), "a JSON object is wanted");
      return JSON.treeToValue(json, ChatAsk.class);
    } catch (JsonProcessingException e) {
      throw e.getCause() instanceof IllegalArgumentException refused
          ? refused
          : new IllegalArgumentException("not a request to chat: " + e.getOriginalMessage(), e);
    }
  }

  /**
   * The same in OpenAI's terms, streamed.
   *
   * @param model as who is asked knows it
   */
  String body(String model) {
    ObjectNode body = JSON.createObjectNode().put("model", model).put("stream", true);
    body.putObject("stream_options").put("include_usage", true);
    body.set("messages", JSON.valueToTree(messages));
    if (maxTokens != null) {
      body.put("max_tokens", maxTokens);
    }
    if (temperature != null) {
      body.put("temperature", temperature);
    }
    return body.toString();
  }
}
