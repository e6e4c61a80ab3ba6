package dev.kvasir.runtime.template;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Has a prompt end within the last message, as transformers does it: the message is marked at its
 * end, and the prompt is cut there.
 */
final class FinalMessage {
  private static final String MARK = "CONTINUE_FINAL_MESSAGE_TAG ";

  private FinalMessage() {}

  static String continued(Template template, Map<String, Object> variables) {
    List<Object> messages = new ArrayList<>((List<?>) variables.get("messages"));
    Map<Object, Object> last = new LinkedHashMap<>((Map<?, ?>) messages.getLast());
    String text = mark(last);
    messages.set(messages.size() - 1, last);
    Map<String, Object> marked = new HashMap<>(variables);
    marked.put("messages", messages);
    return cut(template.render(marked), text);
  }

  /** Marks the message's text and gives it back. */
  private static String mark(Map<Object, Object> message) {
    Object content = message.get("content");
    if (content instanceof String text) {
      message.put("content", text + MARK);
      return text;
    }
    if (content instanceof List<?> list) {
      List<Object> parts = new ArrayList<>(list);
      for (int i = parts.size() - 1; i >= 0; i--) {
        if (parts.get(i) instanceof Map<?, ?> part && part.get("text") instanceof String text) {
          Map<Object, Object> changed = new LinkedHashMap<>(part);
          changed.put("text", text + MARK);
          parts.set(i, changed);
          message.put("content", parts);
          return text;
        }
      }
    }
    throw new TemplateException("the final message has no text to continue");
  }

  private static String cut(String prompt, String text) {
    int at = prompt.lastIndexOf(MARK.strip());
    if (at < 0 || !prompt.contains(Methods.strip(text, null, true, true))) {
      throw new TemplateException(
          "the template leaves the final message out: it can't be continued");
    }
    String before = prompt.substring(0, at);
    return prompt.startsWith(MARK, at) ? before : Methods.strip(before, null, false, true);
  }
}
