package dev.kvasir.e2e.apiserver.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;

/** JSON trees: how they are read, written and made. */
public final class Json {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS);
  private static final YAMLMapper YAML = new YAMLMapper();

  private Json() {}

  public static ObjectNode object() {
    return JsonNodeFactory.instance.objectNode();
  }

  public static ArrayNode array() {
    return JsonNodeFactory.instance.arrayNode();
  }

  public static JsonNode parse(byte[] json) throws IOException {
    return JSON.readTree(json);
  }

  public static JsonNode parseYaml(byte[] yaml) throws IOException {
    return YAML.readTree(yaml);
  }

  public static byte[] bytes(JsonNode node) {
    try {
      return JSON.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException("a JSON tree can always be written", e);
    }
  }

  /** The object under a name, made where there is none. */
  public static ObjectNode child(ObjectNode parent, String name) {
    return parent.get(name) instanceof ObjectNode child ? child : parent.putObject(name);
  }

  /** The text under a name; the empty string where there is none. */
  public static String text(JsonNode parent, String name) {
    return parent.path(name).asText("");
  }

  public static List<String> texts(JsonNode array) {
    List<String> texts = new ArrayList<>();
    array.forEach(item -> texts.add(item.asText()));
    return texts;
  }

  public static ArrayNode array(Iterable<String> texts) {
    ArrayNode array = array();
    texts.forEach(array::add);
    return array;
  }

  /** Sets a value where none is set. */
  public static void setDefault(ObjectNode parent, String name, JsonNode value) {
    if (parent.path(name).isMissingNode() || parent.path(name).isNull()) {
      parent.set(name, value);
    }
  }

  public static void setDefault(ObjectNode parent, String name, String value) {
    setDefault(parent, name, JsonNodeFactory.instance.textNode(value));
  }

  public static void setDefault(ObjectNode parent, String name, long value) {
    setDefault(parent, name, JsonNodeFactory.instance.numberNode(value));
  }

  public static void setDefault(ObjectNode parent, String name, boolean value) {
    setDefault(parent, name, JsonNodeFactory.instance.booleanNode(value));
  }
}
