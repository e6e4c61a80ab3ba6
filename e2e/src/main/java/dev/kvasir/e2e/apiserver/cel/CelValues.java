package dev.kvasir.e2e.apiserver.cel;

import com.fasterxml.jackson.databind.JsonNode;
import com.google.protobuf.NullValue;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * JSON as CEL sees it: whole numbers are ints where the schema says so, field names are escaped.
 */
final class CelValues {
  private static final Set<String> KEYWORDS =
      Set.of(
          "true",
          "false",
          "null",
          "in",
          "as",
          "break",
          "const",
          "continue",
          "else",
          "for",
          "function",
          "if",
          "import",
          "let",
          "loop",
          "package",
          "namespace",
          "return",
          "var",
          "void",
          "while");

  private CelValues() {}

  static Object of(JsonNode value, Schema schema) {
    return switch (value.getNodeType()) {
      case OBJECT -> map(value, schema);
      case ARRAY -> list(value, schema);
      case STRING -> text(value.asText(), schema);
      case BOOLEAN -> value.asBoolean();
      case NUMBER -> number(value, schema);
      default -> NullValue.NULL_VALUE;
    };
  }

  private static Object number(JsonNode value, Schema schema) {
    boolean real = schema.type().equals("number") || !value.canConvertToExactIntegral();
    if (real) {
      return value.asDouble();
    }
    return value.asLong();
  }

  private static Object text(String text, Schema schema) {
    return switch (Json.text(schema.source(), "format")) {
      case "date-time" -> time(text);
      default -> text;
    };
  }

  private static Instant time(String text) {
    return OffsetDateTime.parse(text).toInstant();
  }

  private static List<Object> list(JsonNode value, Schema schema) {
    List<Object> list = new ArrayList<>();
    value.forEach(item -> list.add(of(item, schema.item())));
    return list;
  }

  private static Map<String, Object> map(JsonNode value, Schema schema) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (var entry : value.properties()) {
      String name = entry.getKey();
      String key = schema.isNamed(name) ? escape(name) : name;
      map.put(key, of(entry.getValue(), schema.field(name)));
    }
    return map;
  }

  /** A field's name as an identifier of CEL, as upstream escapes it. */
  private static String escape(String name) {
    if (KEYWORDS.contains(name)) {
      return "__" + name + "__";
    }
    return name.replace("__", "__underscores__")
        .replace(".", "__dot__")
        .replace("-", "__dash__")
        .replace("/", "__slash__");
  }
}
