package dev.kvasir.runtime.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** A JSON object of a checkpoint, read field by field with errors that name file and field. */
final class JsonFields {
  private static final long MOST_BYTES = 16 << 20;
  private static final int MOST_NESTED_LISTS = 3;

  private final Path file;
  private final String prefix;
  private final JsonNode node;
  private final Set<String> asked;

  private JsonFields(Path file, String prefix, JsonNode node) {
    this(file, prefix, node, new TreeSet<>());
  }

  private JsonFields(Path file, String prefix, JsonNode node, Set<String> asked) {
    this.file = file;
    this.prefix = prefix;
    this.node = node;
    this.asked = asked;
  }

  static JsonFields read(Path file) {
    JsonNode root;
    try {
      if (Files.size(file) > MOST_BYTES) {
        throw new StartupException(
            "%s: %d bytes are too many, at most %d are read"
                .formatted(file, Files.size(file), MOST_BYTES));
      }
      root = new ObjectMapper().readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new StartupException(
          "%s: not valid JSON: %s".formatted(file, e.getOriginalMessage()), e);
    } catch (IOException e) {
      throw new StartupException("%s: cannot be read: %s".formatted(file, e), e);
    }
    if (root == null || !root.isObject()) {
      throw new StartupException(file + ": not a JSON object");
    }
    return new JsonFields(file, "", root);
  }

  /** The same with fields added that it leaves out; a field that is null is not left out. */
  JsonFields withDefaults(String json) {
    try {
      ObjectNode all = (ObjectNode) new ObjectMapper().readTree(json);
      return new JsonFields(file, prefix, all.setAll((ObjectNode) node), asked);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("defaults are not JSON: " + json, e);
    }
  }

  /** The same with some fields of another object where it leaves them out. */
  JsonFields withFieldsOf(JsonFields other, List<String> fields) {
    ObjectNode all = new ObjectMapper().createObjectNode();
    fields.stream().filter(other::has).forEach(field -> all.set(field, other.node.get(field)));
    return new JsonFields(file, prefix, all.setAll((ObjectNode) node));
  }

  /** The names of its fields that are not null. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    node.fieldNames().forEachRemaining(names::add);
    names.removeIf(name -> !node.hasNonNull(name));
    return names;
  }

  /** The names of fields that nobody has asked for. */
  Set<String> unread() {
    Set<String> names = names();
    names.removeAll(asked);
    return names;
  }

  /** Fails where there is a field whose meaning nobody knows. */
  void refuseUnknown(Set<String> known) {
    for (String name : names()) {
      if (!known.contains(name)) {
        throw new StartupException(
            "%s: %s%s = %s is not supported"
                .formatted(file, prefix, name, shortened(node.get(name))));
      }
    }
  }

  Path file() {
    return file;
  }

  boolean has(String field) {
    asked.add(field);
    return node.hasNonNull(field);
  }

  /** Whether a field says something: not null, false, zero or empty. */
  boolean isSet(String field) {
    JsonNode value = node.get(field);
    return has(field)
        && !(value.isContainerNode() && value.isEmpty())
        && !(value.isBoolean() && !value.booleanValue())
        && !(value.isNumber() && value.doubleValue() == 0);
  }

  /** The object in a field, which must be there. */
  JsonFields object(String field) {
    JsonNode value = required(field);
    if (!value.isObject()) {
      throw wrong(field, "an object", value);
    }
    return new JsonFields(file, prefix + field + ".", value);
  }

  /** The objects in an object's fields, in their order; none where the field is absent. */
  Map<String, JsonFields> objects(String field) {
    Map<String, JsonFields> objects = new LinkedHashMap<>();
    if (has(field)) {
      JsonFields all = object(field);
      all.node.fieldNames().forEachRemaining(name -> objects.put(name, all.object(name)));
    }
    return objects;
  }

  /** A list of strings, nested lists laid flat; empty where the field is absent. */
  List<String> textList(String field) {
    List<String> texts = new ArrayList<>();
    if (has(field)) {
      addTexts(field, node.get(field), 0, texts);
    }
    return texts;
  }

  private void addTexts(String field, JsonNode value, int depth, List<String> into) {
    if (value.isTextual() && depth > 0) {
      into.add(value.textValue());
    } else if (value.isArray() && depth < MOST_NESTED_LISTS) {
      value.forEach(part -> addTexts(field, part, depth + 1, into));
    } else {
      throw wrong(field, "a list of strings", node.get(field));
    }
  }

  /** A quantizer's group size; 0 stands for -1, all inputs. */
  int groupSize(String field, int otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    boolean all = node.get(field).isIntegralNumber() && node.get(field).longValue() == -1;
    return all ? 0 : positive(field);
  }

  /** Two whole numbers of at least 1. */
  int[] positivePair(String field) {
    JsonNode value = required(field);
    if (!value.isArray() || value.size() != 2) {
      throw wrong(field, "a list of two whole numbers", value);
    }
    return new int[] {positive(field, value.get(0)), positive(field, value.get(1))};
  }

  int positive(String field) {
    return positive(field, required(field));
  }

  int positive(String field, int otherwise) {
    return has(field) ? positive(field, node.get(field)) : otherwise;
  }

  private int positive(String field, JsonNode value) {
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 1) {
      throw wrong(field, "a whole number of at least 1", value);
    }
    return value.intValue();
  }

  int natural(String field) {
    JsonNode value = required(field);
    if (!value.isIntegralNumber() || !value.canConvertToInt() || value.intValue() < 0) {
      throw wrong(field, "a whole number of at least 0", value);
    }
    return value.intValue();
  }

  /** A list of so many positive numbers. */
  List<Double> numbers(String field, int count) {
    JsonNode value = required(field);
    List<Double> numbers = new ArrayList<>();
    for (JsonNode number : value) {
      numbers.add(number.isNumber() ? number.doubleValue() : 0);
    }
    boolean positive = numbers.stream().allMatch(n -> n > 0 && Double.isFinite(n));
    if (!value.isArray() || value.size() != count || !positive) {
      throw wrong(field, "a list of " + count + " positive numbers", value);
    }
    return List.copyOf(numbers);
  }

  List<String> strings(String field) {
    JsonNode value = required(field);
    List<String> strings = new ArrayList<>();
    for (JsonNode string : value) {
      if (!value.isArray() || !string.isTextual()) {
        throw wrong(field, "a list of strings", value);
      }
      strings.add(string.textValue());
    }
    return strings;
  }

  double number(String field) {
    return number(field, required(field));
  }

  double number(String field, double otherwise) {
    return has(field) ? number(field, node.get(field)) : otherwise;
  }

  private double number(String field, JsonNode value) {
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(field, "a number", value);
    }
    return value.doubleValue();
  }

  boolean flag(String field, boolean otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    if (!node.get(field).isBoolean()) {
      throw wrong(field, "true or false", node.get(field));
    }
    return node.get(field).booleanValue();
  }

  String text(String field, String otherwise) {
    if (!has(field)) {
      return otherwise;
    }
    if (!node.get(field).isTextual()) {
      throw wrong(field, "a string", node.get(field));
    }
    return node.get(field).textValue();
  }

  /** All fields of this object, each a string. */
  Map<String, String> texts() {
    Map<String, String> texts = new LinkedHashMap<>();
    node.fieldNames().forEachRemaining(field -> texts.put(field, text(field, "")));
    return texts;
  }

  /** The first of a list of strings. */
  String firstText(String field, String otherwise) {
    JsonNode value = node.get(field);
    if (value == null || value.isNull() || value.isEmpty()) {
      return otherwise;
    }
    if (!value.isArray() || !value.get(0).isTextual()) {
      throw wrong(field, "a list of strings", value);
    }
    return value.get(0).textValue();
  }

  /** One token id or several; empty where the field is absent or null. */
  Set<Integer> tokenIds(String field) {
    Set<Integer> ids = new TreeSet<>();
    if (!has(field)) {
      return ids;
    }
    JsonNode value = node.get(field);
    for (JsonNode id : value.isArray() ? value : List.of(value)) {
      if (!id.isIntegralNumber() || !id.canConvertToInt() || id.intValue() < 0) {
        throw wrong(field, "a token id or a list of them", value);
      }
      ids.add(id.intValue());
    }
    return ids;
  }

  StartupException wrong(String field, String wanted) {
    return wrong(field, wanted, node.get(field));
  }

  private JsonNode required(String field) {
    if (!has(field)) {
      throw new StartupException("%s: %s%s is missing".formatted(file, prefix, field));
    }
    return node.get(field);
  }

  private StartupException wrong(String field, String wanted, JsonNode value) {
    return new StartupException(
        "%s: %s%s must be %s, got %s".formatted(file, prefix, field, wanted, shortened(value)));
  }

  private static String shortened(JsonNode value) {
    String found = String.valueOf(value);
    return found.length() > 80 ? found.substring(0, 80) + "..." : found;
  }
}
