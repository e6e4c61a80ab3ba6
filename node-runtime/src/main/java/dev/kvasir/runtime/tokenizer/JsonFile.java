package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A small JSON file of a checkpoint, whose errors name it and the field. */
public record JsonFile(Path file, ObjectNode fields) {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final long MAX_SIZE = 64 << 20;
  private static final int MAX_SHOWN = 60;

  /** Reads an object; one without fields where there is no such file. */
  public static JsonFile read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new JsonFile(file, JsonNodeFactory.instance.objectNode());
    }
    if (Files.size(file) > MAX_SIZE) {
      throw new IOException(
          file + " has " + Files.size(file) + " bytes; at most " + MAX_SIZE + " are read");
    }
    try {
      if (MAPPER.readTree(file.toFile()) instanceof ObjectNode fields) {
        return new JsonFile(file, fields);
      }
      throw new IOException(file + " must hold a JSON object");
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
  }

  boolean has(String field) {
    return fields.has(field);
  }

  JsonNode get(String field) {
    return fields.path(field);
  }

  /** A string, or null where the file doesn't say. */
  String text(String field) throws IOException {
    JsonNode value = get(field);
    require(isUnsaid(value) || value.isTextual(), field, "a string", value);
    return value.textValue();
  }

  boolean flag(String field, boolean unsaid) throws IOException {
    JsonNode value = get(field);
    require(isUnsaid(value) || value.isBoolean(), field, "true or false", value);
    return value.asBoolean(unsaid);
  }

  static boolean isUnsaid(JsonNode value) {
    return value.isMissingNode() || value.isNull();
  }

  void require(boolean holds, String field, String expected, JsonNode value) throws IOException {
    if (!holds) {
      throw wrong(field, expected, value);
    }
  }

  IOException wrong(String field, String expected, JsonNode value) {
    String shown = value.toString();
    String got = shown.length() > MAX_SHOWN ? shown.substring(0, MAX_SHOWN) + "..." : shown;
    return new IOException(
        "%s: %s must be %s, got %s"
            .formatted(file, field, expected, value.isMissingNode() ? "nothing" : got));
  }
}
