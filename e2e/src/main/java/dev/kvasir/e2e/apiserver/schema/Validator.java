package dev.kvasir.e2e.apiserver.schema;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.StringJoiner;
import java.util.regex.Pattern;

/** Checks a value against its schema: types, limits, enums, patterns, formats, duplicates. */
public final class Validator {
  private final List<Cause> causes = new ArrayList<>();
  private final boolean limits;

  private Validator(boolean limits) {
    this.limits = limits;
  }

  public static List<Cause> validate(JsonNode value, Schema schema) {
    Validator validator = new Validator(true);
    validator.check(value, schema, "");
    return validator.causes;
  }

  /** Only whether every value has the type that its field asks for. */
  public static List<Cause> checkTypes(JsonNode value, Schema schema) {
    Validator validator = new Validator(false);
    validator.check(value, schema, "");
    return validator.causes;
  }

  private void check(JsonNode value, Schema schema, String path) {
    if (value.isNull()) {
      if (!schema.nullable() && limits) {
        wrongType(path, value, schema);
      }
      return;
    }
    if (!hasType(value, schema)) {
      wrongType(path, value, schema);
      return;
    }
    if (limits) {
      checkLimits(value, schema, path);
    }
    if (value instanceof ObjectNode object) {
      object
          .properties()
          .forEach(e -> check(e.getValue(), schema.field(e.getKey()), child(path, e.getKey())));
    } else if (value.isArray()) {
      for (int i = 0; i < value.size(); i++) {
        check(value.get(i), schema.item(), path + "[" + i + "]");
      }
      checkDuplicates(value, schema, path);
    }
  }

  private static boolean hasType(JsonNode value, Schema schema) {
    if (schema.intOrString()) {
      return value.isTextual() || value.isNumber();
    }
    return switch (schema.type()) {
      case "object" -> value.isObject();
      case "array" -> value.isArray();
      case "string" -> value.isTextual();
      case "boolean" -> value.isBoolean();
      case "integer" -> value.isNumber() && isWhole(value);
      case "number" -> value.isNumber();
      default -> true;
    };
  }

  private static boolean isWhole(JsonNode value) {
    return value.isIntegralNumber() || value.decimalValue().stripTrailingZeros().scale() <= 0;
  }

  private void wrongType(String path, JsonNode value, Schema schema) {
    String wanted = schema.intOrString() ? "integer,string" : schema.type();
    String detail = "%s in body must be of type %s: \"%s\"".formatted(path, wanted, typeOf(value));
    String message = "Invalid value: \"" + typeOf(value) + "\": " + detail;
    causes.add(new Cause("FieldValueTypeInvalid", message, path));
  }

  private static String typeOf(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "object";
      case ARRAY -> "array";
      case STRING -> "string";
      case BOOLEAN -> "boolean";
      case NUMBER -> value.isIntegralNumber() ? "integer" : "number";
      default -> "null";
    };
  }

  private void checkLimits(JsonNode value, Schema schema, String path) {
    JsonNode limits = schema.source();
    checkEnum(value, limits.path("enum"), path);
    if (value.isTextual()) {
      checkText(value, limits, path);
    } else if (value.isNumber()) {
      checkNumber(value, limits, path);
    } else if (value.isArray()) {
      checkSize(value, limits, path, "Items");
    } else if (value.isObject()) {
      checkSize(value, limits, path, "Properties");
      for (JsonNode name : limits.path("required")) {
        if (!value.has(name.asText())) {
          causes.add(Cause.required(child(path, name.asText())));
        }
      }
    }
  }

  private void checkEnum(JsonNode value, JsonNode allowed, String path) {
    for (JsonNode one : allowed) {
      if (one.equals(value)) {
        return;
      }
    }
    if (allowed.isArray()) {
      StringJoiner values = new StringJoiner(", ");
      allowed.forEach(one -> values.add("\"" + one.asText() + "\""));
      causes.add(
          new Cause(
              "FieldValueNotSupported",
              "Unsupported value: %s: supported values: %s".formatted(quoted(value), values),
              path));
    }
  }

  private void checkText(JsonNode value, JsonNode limits, String path) {
    String text = value.asText();
    int length = text.codePointCount(0, text.length());
    if (limits.has("minLength") && length < limits.path("minLength").asInt()) {
      invalid(
          path,
          value,
          "should be at least %s chars long".formatted(limits.path("minLength").asInt()));
    }
    if (limits.has("maxLength") && length > limits.path("maxLength").asInt()) {
      causes.add(
          new Cause(
              "FieldValueTooLong",
              "Too long: may not be more than %d bytes".formatted(limits.path("maxLength").asInt()),
              path));
    }
    if (limits.has("pattern")
        && !Pattern.compile(Json.text(limits, "pattern")).matcher(text).find()) {
      invalid(path, value, "should match '%s'".formatted(Json.text(limits, "pattern")));
    }
    String format = Json.text(limits, "format");
    if (!Formats.matches(format, text)) {
      invalid(path, value, "must be of type %s: %s".formatted(format, value));
    }
  }

  private void checkNumber(JsonNode value, JsonNode limits, String path) {
    BigDecimal number = value.decimalValue();
    if (limits.has("minimum")) {
      int order = number.compareTo(limits.path("minimum").decimalValue());
      boolean exclusive = limits.path("exclusiveMinimum").asBoolean();
      if (order < 0 || (exclusive && order == 0)) {
        String than = exclusive ? "greater than" : "greater than or equal to";
        invalid(path, value, "should be %s %s".formatted(than, plain(limits.path("minimum"))));
      }
    }
    if (limits.has("maximum")) {
      int order = number.compareTo(limits.path("maximum").decimalValue());
      boolean exclusive = limits.path("exclusiveMaximum").asBoolean();
      if (order > 0 || (exclusive && order == 0)) {
        String than = exclusive ? "less than" : "less than or equal to";
        invalid(path, value, "should be %s %s".formatted(than, plain(limits.path("maximum"))));
      }
    }
    if (limits.path("format").asText().equals("int32")
        && number.abs().compareTo(BigDecimal.valueOf(Integer.MAX_VALUE)) > 0) {
      invalid(path, value, "must be of type int32: %s".formatted(value));
    }
    if (limits.has("multipleOf")
        && number.remainder(limits.path("multipleOf").decimalValue()).signum() != 0) {
      invalid(
          path, value, "should be a multiple of %s".formatted(plain(limits.path("multipleOf"))));
    }
  }

  private void checkSize(JsonNode value, JsonNode limits, String path, String what) {
    String unit = what.toLowerCase(Locale.ROOT);
    JsonNode min = limits.path("min" + what);
    if (min.isNumber() && value.size() < min.asInt()) {
      invalid(path, value.size(), "should have at least %s %s".formatted(min.asInt(), unit));
    }
    JsonNode max = limits.path("max" + what);
    if (max.isNumber() && value.size() > max.asInt()) {
      causes.add(
          new Cause(
              "FieldValueTooMany",
              "Too many: %d: must have at most %d items".formatted(value.size(), max.asInt()),
              path));
    }
  }

  private void checkDuplicates(JsonNode list, Schema schema, String path) {
    if (schema.listType() == Schema.ListType.ATOMIC || !limits) {
      return;
    }
    Set<JsonNode> seen = new HashSet<>();
    for (int i = 0; i < list.size(); i++) {
      JsonNode key = schema.keyOf(list.get(i));
      if (!seen.add(key)) {
        causes.add(
            new Cause("FieldValueDuplicate", "Duplicate value: " + key, path + "[" + i + "]"));
      }
    }
  }

  private void invalid(String path, Object value, String detail) {
    String shown = value instanceof JsonNode node ? quoted(node) : value.toString();
    causes.add(Cause.invalid(path, shown, path + " in body " + detail));
  }

  /** A value as upstream shows it: text in quotes, objects by what they are. */
  static String quoted(JsonNode value) {
    return switch (value.getNodeType()) {
      case OBJECT -> "\"object\"";
      case ARRAY -> "\"array\"";
      case NULL -> "\"null\"";
      case STRING -> value.toString();
      default -> value.isNumber() ? plain(value) : value.toString();
    };
  }

  private static String plain(JsonNode number) {
    return number.decimalValue().stripTrailingZeros().toPlainString();
  }

  private static String child(String path, String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
