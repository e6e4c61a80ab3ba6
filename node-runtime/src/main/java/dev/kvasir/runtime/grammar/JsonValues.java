package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** JSON values as JSON Schema sees them: 1 and 1.0 are the same. */
final class JsonValues {
  private JsonValues() {}

  static boolean same(JsonNode a, JsonNode b) {
    if (a.isNumber() && b.isNumber()) {
      return a.decimalValue().compareTo(b.decimalValue()) == 0;
    }
    if (a.getNodeType() != b.getNodeType() || a.size() != b.size()) {
      return false;
    }
    if (a.isArray()) {
      for (int i = 0; i < a.size(); i++) {
        if (!same(a.get(i), b.get(i))) {
          return false;
        }
      }
      return true;
    }
    if (a.isObject()) {
      for (Map.Entry<String, JsonNode> field : a.properties()) {
        if (!b.has(field.getKey()) || !same(field.getValue(), b.get(field.getKey()))) {
          return false;
        }
      }
      return true;
    }
    return a.equals(b);
  }

  static List<JsonNode> inBoth(List<JsonNode> a, List<JsonNode> b) {
    List<JsonNode> both = new ArrayList<>();
    for (JsonNode value : a) {
      if (b.stream().anyMatch(other -> same(value, other))) {
        both.add(value);
      }
    }
    return both;
  }

  static JsonType type(JsonNode value) {
    return switch (value.getNodeType()) {
      case ARRAY -> JsonType.ARRAY;
      case OBJECT, POJO -> JsonType.OBJECT;
      case BOOLEAN -> JsonType.BOOLEAN;
      case NUMBER ->
          value.decimalValue().stripTrailingZeros().scale() <= 0
              ? JsonType.INTEGER
              : JsonType.NUMBER;
      case STRING, BINARY -> JsonType.STRING;
      case NULL, MISSING -> JsonType.NULL;
    };
  }

  /** Compact JSON, escaped as {@link Encoding#JSON} escapes. */
  static String text(JsonNode value) {
    if (value.isTextual()) {
      return quoted(value.textValue());
    }
    StringBuilder out = new StringBuilder();
    if (value.isArray()) {
      value.forEach(item -> out.append(out.isEmpty() ? "" : ",").append(text(item)));
      return "[" + out + "]";
    }
    if (value.isObject()) {
      for (Map.Entry<String, JsonNode> field : value.properties()) {
        out.append(out.isEmpty() ? "" : ",").append(quoted(field.getKey()));
        out.append(':').append(text(field.getValue()));
      }
      return "{" + out + "}";
    }
    return value.toString();
  }

  static String quoted(String text) {
    StringBuilder out = new StringBuilder("\"");
    text.codePoints().forEach(c -> out.append(Encoding.JSON.spelled(c)));
    return out.append('"').toString();
  }
}
