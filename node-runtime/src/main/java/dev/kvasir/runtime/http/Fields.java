package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Reads a request's fields with their types and bounds, and knows which nobody read: those are
 * refused, so that no parameter is ever ignored. A null counts as absent, as OpenAI has it.
 */
final class Fields {
  private final ObjectNode object;
  private final String prefix;
  private final Set<String> read = new HashSet<>();

  private Fields(ObjectNode object, String prefix) {
    this.object = object;
    this.prefix = prefix;
  }

  static Fields of(ObjectNode object) {
    return new Fields(object, "");
  }

  /** The field's path for messages, such as {@code messages[2].role}. */
  private String name(String field) {
    return prefix + field;
  }

  /** The field's path, such as {@code structured_outputs.json}. */
  String path(String field) {
    return name(field);
  }

  JsonNode get(String field) {
    read.add(field);
    JsonNode value = object.get(field);
    return value == null || value.isNull() ? null : value;
  }

  boolean has(String field) {
    return get(field) != null;
  }

  String string(String field, String standard) throws ApiException {
    JsonNode value = get(field);
    return value == null ? standard : text(value, name(field));
  }

  boolean bool(String field, boolean standard) throws ApiException {
    JsonNode value = get(field);
    if (value != null && !value.isBoolean()) {
      throw wrongType(name(field), "true or false", value);
    }
    return value == null ? standard : value.booleanValue();
  }

  /** A whole number within bounds, or null where it is absent. */
  Long integer(String field, long least, long most) throws ApiException {
    JsonNode value = get(field);
    return value == null ? null : integer(value, name(field), least, most);
  }

  Double number(String field, double least, double most) throws ApiException {
    JsonNode value = get(field);
    if (value == null) {
      return null;
    }
    if (!value.isNumber()) {
      throw wrongType(name(field), "a number", value);
    }
    double number = value.doubleValue();
    if (!(number >= least && number <= most)) {
      throw outOfRange(name(field), trimmed(least), trimmed(most), value);
    }
    return number;
  }

  private static String trimmed(double bound) {
    return bound == Math.rint(bound) ? String.valueOf((long) bound) : String.valueOf(bound);
  }

  /** An object's fields, or null where it is absent. */
  Fields object(String field) throws ApiException {
    JsonNode value = get(field);
    return value == null ? null : object(value, name(field));
  }

  /** The objects of a list, each with its own path; null where the list is absent. */
  List<Fields> objects(String field) throws ApiException {
    JsonNode value = get(field);
    if (value == null) {
      return null;
    }
    if (!value.isArray()) {
      throw wrongType(name(field), "a list of objects", value);
    }
    List<Fields> all = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      all.add(object(value.get(i), name(field) + "[" + i + "]"));
    }
    return all;
  }

  private static Fields object(JsonNode value, String name) throws ApiException {
    if (value instanceof ObjectNode object) {
      return new Fields(object, name + ".");
    }
    throw wrongType(name, "an object", value);
  }

  /** Token ids, each below the vocabulary's size. */
  static int[] tokenIds(JsonNode list, String name, int vocabularySize) throws ApiException {
    int[] ids = new int[list.size()];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) integer(list.get(i), name + "[" + i + "]", 0, vocabularySize - 1L);
    }
    return ids;
  }

  static String text(JsonNode value, String name) throws ApiException {
    if (!value.isTextual()) {
      throw wrongType(name, "a string", value);
    }
    String text = value.textValue();
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i)) && !isPair(text, i)) {
        throw ApiException.invalid(
            name, "'" + name + "' holds half of a surrogate pair at index " + i);
      }
      i += Character.isSurrogate(text.charAt(i)) ? 1 : 0;
    }
    return text;
  }

  private static boolean isPair(String text, int i) {
    return i + 1 < text.length() && Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1));
  }

  static long integer(JsonNode value, String name, long least, long most) throws ApiException {
    boolean whole =
        value.isIntegralNumber()
            || (value.isFloatingPointNumber()
                && value.doubleValue() == Math.rint(value.doubleValue()));
    if (!whole) {
      throw wrongType(name, "a whole number", value);
    }
    double size = value.doubleValue();
    boolean fits = value.canConvertToLong() && size >= -0x1p63 && size < 0x1p63;
    if (!fits || value.longValue() < least || value.longValue() > most) {
      throw outOfRange(name, String.valueOf(least), String.valueOf(most), value);
    }
    return value.longValue();
  }

  private static ApiException outOfRange(String name, String least, String most, JsonNode value) {
    return ApiException.invalid(
        name,
        "'" + name + "' must be between " + least + " and " + most + ", got " + describe(value));
  }

  /** An error of this field, with its path before the message. */
  ApiException invalid(String field, String message) {
    return ApiException.invalid(name(field), "'" + name(field) + "' " + message);
  }

  static ApiException wrongType(String name, String expected, JsonNode value) {
    return ApiException.invalid(
        name, "'" + name + "' must be " + expected + ", got " + describe(value));
  }

  /** The value's type, and itself where it is short. */
  static String describe(JsonNode value) {
    String text = value.toString();
    String shown = text.length() <= 40 ? " " + text : "";
    return switch (value.getNodeType()) {
      case ARRAY -> "a list" + shown;
      case OBJECT, POJO -> "an object" + shown;
      case STRING ->
          "the string" + (shown.isEmpty() ? " " + text.substring(0, 36) + "...\"" : shown);
      case BOOLEAN -> text;
      case NUMBER -> shown.isEmpty() ? "a very long number" : text;
      case NULL -> "null";
      case BINARY, MISSING -> "nothing";
    };
  }

  /** Fields that change nothing in the answer: taken, whatever they are. */
  void accept(String... fields) {
    read.addAll(List.of(fields));
  }

  /** A parameter that is not there yet may be sent with the value that means nothing. */
  void refuseUnless(String field, String neutral, Predicate<JsonNode> isNeutral)
      throws ApiException {
    JsonNode value = get(field);
    if (value != null && !isNeutral.test(value)) {
      throw ApiException.unsupported(
          name(field),
          "'"
              + name(field)
              + "' is not supported yet: leave it out"
              + (neutral.isEmpty() ? "" : " or send " + neutral)
              + ", got "
              + describe(value));
    }
  }

  void refuse(String field) throws ApiException {
    refuseUnless(field, "", value -> false);
  }

  void refuseUnread() throws ApiException {
    for (String field : (Iterable<String>) object::fieldNames) {
      if (!read.contains(field)) {
        String shown = field.length() > 64 ? field.substring(0, 64) + "..." : field;
        throw ApiException.unsupported(
            name(shown), "the parameter '" + name(shown) + "' is not known here");
      }
    }
  }
}
