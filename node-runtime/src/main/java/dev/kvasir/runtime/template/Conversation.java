package dev.kvasir.runtime.template;

import java.util.List;
import java.util.Map;

/**
 * What a chat template writes as a prompt.
 *
 * @param messages each a map with role, content and what else a template reads
 * @param tools JSON schemas of functions; null where none are offered
 * @param documents what the answer may draw on; null where there are none
 * @param continueFinal the prompt ends within the last message, for the model to go on with
 * @param extra more variables, such as enable_thinking
 */
public record Conversation(
    List<Map<String, Object>> messages,
    List<Object> tools,
    List<Object> documents,
    boolean addGenerationPrompt,
    boolean continueFinal,
    Map<String, Object> extra) {

  /** The same with other messages. */
  public Conversation withMessages(List<Map<String, Object>> others) {
    return new Conversation(others, tools, documents, addGenerationPrompt, continueFinal, extra);
  }

  /** Messages alone, with the prompt for the next one. */
  public static Conversation of(List<Map<String, Object>> messages) {
    return new Conversation(messages, null, null, true, false, Map.of());
  }
}
