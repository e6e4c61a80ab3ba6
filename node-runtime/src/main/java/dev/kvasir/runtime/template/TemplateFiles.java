package dev.kvasir.runtime.template;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.tokenizer.JsonFile;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Finds a checkpoint's chat templates where transformers puts them. */
public final class TemplateFiles {
  private static final long MAX_TEMPLATE = 4 << 20;

  private final Path checkpoint;
  private final JsonNode config;

  private TemplateFiles(Path checkpoint) throws IOException {
    this.checkpoint = checkpoint;
    this.config = json("tokenizer_config.json");
  }

  /**
   * Reads chat_template.jinja and additional_chat_templates/, else chat_template of
   * tokenizer_config.json, else that of chat_template.json.
   *
   * @return empty where the checkpoint has none
   * @throws IOException where a file can't be read, with its name
   * @throws TemplateException where a template can't be parsed
   */
  public static Optional<ChatTemplate> read(Path checkpoint) throws IOException {
    TemplateFiles files = new TemplateFiles(checkpoint);
    Map<String, String> sources = files.sources();
    if (sources.isEmpty()) {
      return Optional.empty();
    }
    if (!sources.containsKey(ChatTemplate.DEFAULT)) {
      throw new IOException(
          checkpoint
              + " has chat templates named "
              + sources.keySet()
              + ", but none named default");
    }
    return Optional.of(ChatTemplate.named(sources, files.specialTokens()));
  }

  /** A template of one's own in place of the checkpoint's. */
  public static ChatTemplate read(Path checkpoint, Path template) throws IOException {
    return ChatTemplate.of(text(template), new TemplateFiles(checkpoint).specialTokens());
  }

  private Map<String, String> sources() throws IOException {
    Map<String, String> sources = new TreeMap<>();
    Path file = checkpoint.resolve("chat_template.jinja");
    if (Files.exists(file)) {
      sources.put(ChatTemplate.DEFAULT, text(file));
      addFolder(sources);
      return sources;
    }
    add(sources, "tokenizer_config.json", config.path("chat_template"));
    if (sources.isEmpty()) {
      add(sources, "chat_template.json", json("chat_template.json").path("chat_template"));
    }
    return sources;
  }

  private void addFolder(Map<String, String> sources) throws IOException {
    Path folder = checkpoint.resolve("additional_chat_templates");
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jinja")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        sources.put(name.substring(0, name.length() - ".jinja".length()), text(file));
      }
    }
  }

  /** One template as a string, or several as a list of names and templates. */
  private void add(Map<String, String> sources, String file, JsonNode node) throws IOException {
    if (node.isMissingNode() || node.isNull()) {
      return;
    }
    if (node.isTextual()) {
      sources.put(ChatTemplate.DEFAULT, node.textValue());
      return;
    }
    if (!node.isArray()) {
      throw wrong(file, "chat_template", "a string or a list");
    }
    for (JsonNode named : node) {
      if (!named.path("name").isTextual() || !named.path("template").isTextual()) {
        throw wrong(file, "chat_template", "a list of objects with name and template");
      }
      sources.put(named.get("name").textValue(), named.get("template").textValue());
    }
  }

  private IOException wrong(String file, String field, String expected) {
    return new IOException(checkpoint.resolve(file) + ": " + field + " must be " + expected);
  }

  private Map<String, String> specialTokens() throws IOException {
    Map<String, String> tokens = new HashMap<>();
    put(tokens, config);
    // What transformers wrote before it had this field is in a file of its own.
    if (!config.has("added_tokens_decoder")) {
      put(tokens, json("special_tokens_map.json"));
    }
    return tokens;
  }

  private static void put(Map<String, String> tokens, JsonNode from) {
    for (Map.Entry<String, JsonNode> field : from.properties()) {
      JsonNode value = field.getValue();
      JsonNode content = value.isObject() ? value.path("content") : value;
      if (field.getKey().endsWith("_token") && content.isTextual()) {
        tokens.put(field.getKey(), content.textValue());
      }
    }
  }

  private JsonNode json(String name) throws IOException {
    return JsonFile.read(checkpoint.resolve(name)).fields();
  }

  private static String text(Path file) throws IOException {
    checkSize(file);
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new IOException(file + " can't be read: " + e, e);
    }
  }

  private static void checkSize(Path file) throws IOException {
    if (Files.size(file) > MAX_TEMPLATE) {
      throw new IOException(
          file + " has " + Files.size(file) + " bytes; at most " + MAX_TEMPLATE + " are read");
    }
  }
}
