package dev.kvasir.runtime.template;

import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Turns a conversation into a checkpoint's prompt, with the templates that it came with: one, or
 * several of which "tool_use" serves conversations with tools and "default" the others.
 */
public final class ChatTemplate {
  static final String DEFAULT = "default";
  private static final String TOOL_USE = "tool_use";

  /** A loop over the parts of a message's content. */
  private static final Pattern PARTS =
      Pattern.compile(
          "for\\s+\\w+\\s+in\\s+[\\w.\\[\\]'\"-]*content['\"\\]]*\\s*(?:-?%\\}|if\\b|\\|)");

  private final Map<String, Template> templates = new LinkedHashMap<>();
  private final String source;
  private final Map<String, String> specialTokens;

  private ChatTemplate(
      Map<String, String> sources, Map<String, String> specialTokens, Supplier<ZonedDateTime> now) {
    sources.forEach((name, text) -> templates.put(name, Template.compile(text, now)));
    this.source = String.join("\n", sources.values());
    this.specialTokens = specialTokens;
  }

  /** A template from its source; the special tokens by name, such as {@code bos_token}. */
  public static ChatTemplate of(String source, Map<String, String> specialTokens) {
    return named(Map.of(DEFAULT, source), specialTokens);
  }

  /** Templates by their names, of which one is "default". */
  static ChatTemplate named(Map<String, String> sources, Map<String, String> specialTokens) {
    return new ChatTemplate(sources, specialTokens, ZonedDateTime::now);
  }

  /** The template's text, or the texts of all of them. */
  public String source() {
    return source;
  }

  /** Whether it reads content that is a list of parts. */
  public boolean takesParts() {
    return PARTS.matcher(source).find();
  }

  /** The prompt of a conversation. */
  public String render(Conversation conversation) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", conversation.messages());
    variables.put("add_generation_prompt", conversation.addGenerationPrompt());
    variables.put("tools", conversation.tools());
    variables.put("documents", conversation.documents());
    variables.putAll(conversation.extra());
    boolean withTools = conversation.tools() != null && templates.containsKey(TOOL_USE);
    Template template = templates.get(withTools ? TOOL_USE : DEFAULT);
    return conversation.continueFinal()
        ? FinalMessage.continued(template, variables)
        : template.render(variables);
  }
}
