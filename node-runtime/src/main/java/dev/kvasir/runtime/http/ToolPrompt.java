package dev.kvasir.runtime.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Says in words what a chat template that knows no tools can't write: which ones there are, that
 * they were called and what came of it. The words and marks are those of Hermes.
 */
final class ToolPrompt {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ToolPrompt() {}

  /** How the model is told of the tools. */
  static String offer(List<Object> tools) {
    List<String> each = tools.stream().map(ToolPrompt::json).toList();
    return """
    You can call functions. These are there, each described by a JSON schema:
    <tools>
    %s
    </tools>
    To call one, write its name and its arguments as JSON between these marks:
    <tool_call>
    {"name": "the function's name", "arguments": {"an argument": "its value"}}
    </tool_call>
    Its result will come between <tool_response> marks.\
    """
        .formatted(String.join("\n", each));
  }

  private static String json(Object value) {
    try {
      return MAPPER.writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** The offer as a system message, or behind the one that there is. */
  static List<Map<String, Object>> inSystem(List<Map<String, Object>> messages, String offer) {
    boolean there = messages.getFirst().get("role").equals("system");
    List<Map<String, Object>> all = new ArrayList<>(messages);
    if (there) {
      all.set(0, with(messages.getFirst(), messages.getFirst().get("content") + "\n\n" + offer));
    } else {
      all.addFirst(Map.of("role", "system", "content", offer));
    }
    return all;
  }

  /** The offer in front of what the user says first. */
  static List<Map<String, Object>> inUser(List<Map<String, Object>> messages, String offer) {
    List<Map<String, Object>> all = new ArrayList<>(messages);
    for (int i = 0; i < all.size(); i++) {
      if (all.get(i).get("role").equals("user")) {
        all.set(i, with(all.get(i), offer + "\n\n" + all.get(i).get("content")));
        break;
      }
    }
    return all;
  }

  private static Map<String, Object> with(Map<String, Object> message, String content) {
    Map<String, Object> changed = new LinkedHashMap<>(message);
    changed.put("content", content);
    return changed;
  }

  /** Calls as the assistant wrote them, results as the user's; users' neighbours become one. */
  static List<Map<String, Object>> spelledOut(List<Map<String, Object>> messages) {
    List<Map<String, Object>> all = new ArrayList<>();
    boolean behindResult = false;
    for (Map<String, Object> message : messages) {
      boolean result = message.get("role").equals("tool");
      Map<String, Object> spelled = result ? result(message) : withoutCalls(message);
      boolean joins =
          spelled.get("role").equals("user")
              && !all.isEmpty()
              && all.getLast().get("role").equals("user")
              && (result || behindResult);
      if (joins) {
        Map<String, Object> last = all.removeLast();
        spelled = with(last, last.get("content") + "\n" + spelled.get("content"));
      }
      all.add(spelled);
      behindResult = result;
    }
    return all;
  }

  private static Map<String, Object> result(Map<String, Object> message) {
    return Map.of(
        "role",
        "user",
        "content",
        "<tool_response>\n" + message.get("content") + "\n</tool_response>");
  }

  private static Map<String, Object> withoutCalls(Map<String, Object> message) {
    if (!(message.get("tool_calls") instanceof List<?> calls)) {
      return message;
    }
    StringBuilder content = new StringBuilder();
    if (message.get("content") instanceof String text && !text.isEmpty()) {
      content.append(text).append('\n');
    }
    for (Object call : calls) {
      Object function = ((Map<?, ?>) call).get("function");
      content.append("<tool_call>\n").append(json(function)).append("\n</tool_call>\n");
    }
    Map<String, Object> spelled = with(message, content.toString().stripTrailing());
    spelled.remove("tool_calls");
    return spelled;
  }
}
