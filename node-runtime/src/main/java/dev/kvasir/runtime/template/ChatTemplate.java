package dev.kvasir.runtime.template;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.ZonedDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Turns a conversation into a checkpoint's prompt, with the template that it came with. */
public final class ChatTemplate {
  private final Template template;
  private final Map<String, String> specialTokens;

  private ChatTemplate(Template template, Map<String, String> specialTokens) {
    this.template = template;
    this.specialTokens = specialTokens;
  }

  /**
   * Reads chat_template.jinja, or chat_template of tokenizer_config.json (of several, the one named
   * "default").
   *
   * @return empty where the checkpoint has none
   * @throws TemplateException where it can't be parsed
   */
  public static Optional<ChatTemplate> load(Path checkpoint) throws IOException {
    Path configFile = checkpoint.resolve("tokenizer_config.json");
    JsonNode config =
        Files.exists(configFile)
            ? new ObjectMapper().readTree(configFile.toFile())
            : new ObjectMapper().createObjectNode();
    return source(checkpoint, config).map(source -> of(source, specialTokens(config)));
  }

  /** A template from its source; the special tokens by name, such as {@code bos_token}. */
  public static ChatTemplate of(String source, Map<String, String> specialTokens) {
    return new ChatTemplate(Template.compile(source, ZonedDateTime::now), specialTokens);
  }

  private static Optional<String> source(Path checkpoint, JsonNode config) throws IOException {
    Path file = checkpoint.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      return Optional.of(Files.readString(file));
    }
    JsonNode node = config.path("chat_template");
    if (node.isTextual()) {
      return Optional.of(node.asText());
    }
    for (JsonNode named : node) {
      if (named.path("name").asText().equals("default")) {
        return Optional.of(named.path("template").asText());
      }
    }
    return Optional.empty();
  }

  private static Map<String, String> specialTokens(JsonNode config) {
    Map<String, String> tokens = new HashMap<>();
    for (Map.Entry<String, JsonNode> field : config.properties()) {
      JsonNode value = field.getValue();
      if (field.getKey().endsWith("_token") && (value.isTextual() || value.has("content"))) {
        tokens.put(
            field.getKey(), value.isTextual() ? value.asText() : value.path("content").asText());
      }
    }
    return tokens;
  }

  /**
   * The prompt of a conversation.
   *
   * @param messages each a map with role, content and what else the template reads
   * @param extra more variables, from the request's chat_template_kwargs
   */
  public String render(
      List<Map<String, Object>> messages, boolean addGenerationPrompt, Map<String, Object> extra) {
    Map<String, Object> variables = new HashMap<>(specialTokens);
    variables.put("messages", messages);
    variables.put("add_generation_prompt", addGenerationPrompt);
    variables.put("tools", null);
    variables.put("documents", null);
    variables.putAll(extra);
    return template.render(variables);
  }
}
