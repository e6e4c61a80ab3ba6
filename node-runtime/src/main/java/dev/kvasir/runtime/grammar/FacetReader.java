package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.grammar.Subschema.Located;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Reads the keywords of one schema object. A keyword that is not known is refused by name. */
final class FacetReader {
  /** Keywords that demand nothing of a value. */
  private static final Set<String> ANNOTATIONS =
      Set.of(
          "title",
          "description",
          "default",
          "examples",
          "example",
          "$schema",
          "$id",
          "$comment",
          "$defs",
          "definitions",
          "deprecated",
          "readOnly",
          "writeOnly",
          "contentMediaType",
          "contentEncoding",
          "discriminator",
          "$anchor");

  /** Keywords that the compiler resolves before. */
  private static final Set<String> COMBINATIONS = Set.of("$ref", "allOf", "anyOf", "oneOf");

  private static final int MOST_BOUND = 1_000_000;

  private final Located schema;
  private final Facets facets;

  private FacetReader(Located schema) {
    this.schema = schema;
    this.facets = new Facets(schema);
  }

  static boolean isAnnotation(String keyword) {
    return ANNOTATIONS.contains(keyword) || keyword.startsWith("x-");
  }

  static Facets read(Located schema) throws GrammarException {
    FacetReader reader = new FacetReader(schema);
    for (Map.Entry<String, JsonNode> field : schema.node().properties()) {
      reader.read(field.getKey(), field.getValue());
    }
    return reader.facets;
  }

  private void read(String keyword, JsonNode value) throws GrammarException {
    switch (keyword) {
      case "type" -> types(value);
      case "nullable" -> nullable(value);
      case "enum" -> values(array(keyword, value));
      case "const" -> values(List.of(value));
      case "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf" -> {
        hint(JsonType.NUMBER);
        number(keyword, value);
      }
      case "minLength", "maxLength", "pattern", "format" -> {
        hint(JsonType.STRING);
        string(keyword, value);
      }
      case "minItems", "maxItems", "items", "prefixItems", "additionalItems", "uniqueItems" -> {
        hint(JsonType.ARRAY);
        array(keyword);
      }
      case "properties",
          "required",
          "additionalProperties",
          "patternProperties",
          "propertyNames",
          "minProperties",
          "maxProperties" -> {
        hint(JsonType.OBJECT);
        object(keyword, value);
      }
      default -> {
        if (!isAnnotation(keyword) && !COMBINATIONS.contains(keyword)) {
          throw schema.refused(keyword, "");
        }
      }
    }
  }

  private void hint(JsonType type) {
    facets.hinted.add(type);
  }

  private List<JsonNode> array(String keyword, JsonNode value) throws GrammarException {
    if (!value.isArray()) {
      throw schema.wrong(keyword, "must be a list");
    }
    List<JsonNode> all = new ArrayList<>();
    value.forEach(all::add);
    return all;
  }

  private void types(JsonNode value) throws GrammarException {
    EnumSet<JsonType> types = EnumSet.noneOf(JsonType.class);
    for (JsonNode name : value.isArray() ? array("type", value) : List.of(value)) {
      types.add(type(name));
    }
    if (facets.types != null && facets.types.contains(JsonType.NULL)) {
      types.add(JsonType.NULL);
    }
    facets.types = types;
  }

  private JsonType type(JsonNode name) throws GrammarException {
    for (JsonType type : JsonType.values()) {
      if (type.name().toLowerCase(Locale.ROOT).equals(name.textValue())) {
        return type;
      }
    }
    throw schema.wrong("type", "is " + name + ", which is no JSON type");
  }

  /** OpenAPI's way of saying that null is allowed too. */
  private void nullable(JsonNode value) throws GrammarException {
    if (bool("nullable", value)) {
      if (!schema.node().has("type") || schema.node().has("enum") || schema.node().has("const")) {
        throw schema.refused("nullable", " without 'type' or beside 'enum': list null as a type");
      }
      facets.types = facets.types == null ? EnumSet.noneOf(JsonType.class) : facets.types;
      facets.types.add(JsonType.NULL);
    }
  }

  private boolean bool(String keyword, JsonNode value) throws GrammarException {
    if (!value.isBoolean()) {
      throw schema.wrong(keyword, "must be true or false");
    }
    return value.booleanValue();
  }

  private void values(List<JsonNode> values) {
    facets.values = facets.values == null ? values : JsonValues.inBoth(facets.values, values);
  }

  private void number(String keyword, JsonNode value) throws GrammarException {
    if (value.isBoolean() && keyword.startsWith("exclusive")) {
      throw schema.refused(keyword, " as true or false (draft 4): give the bound itself");
    }
    if (!value.isNumber()) {
      throw schema.wrong(keyword, "must be a number");
    }
    BigDecimal number = value.decimalValue();
    if (Math.abs((long) number.precision() - number.scale()) > 300 || number.scale() > 300) {
      throw schema.wrong(keyword, "is beyond what numbers are compared with here");
    }
    switch (keyword) {
      case "minimum" -> FacetMerge.raiseLow(facets, number, false);
      case "exclusiveMinimum" -> FacetMerge.raiseLow(facets, number, true);
      case "maximum" -> FacetMerge.lowerHigh(facets, number, false);
      case "exclusiveMaximum" -> FacetMerge.lowerHigh(facets, number, true);
      default -> multipleOf(number);
    }
  }

  private void multipleOf(BigDecimal number) throws GrammarException {
    boolean whole = number.signum() > 0 && number.stripTrailingZeros().scale() <= 0;
    if (!whole || number.compareTo(BigDecimal.valueOf(MOST_BOUND)) > 0) {
      throw schema.refused(
          "multipleOf", " unless it is a whole number from 1 to " + MOST_BOUND + ", got " + number);
    }
    FacetMerge.addMultiple(facets, number.toBigIntegerExact());
  }

  private int count(String keyword, JsonNode value) throws GrammarException {
    BigDecimal number = value.isNumber() ? value.decimalValue() : BigDecimal.ONE.negate();
    if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0) {
      throw schema.wrong(keyword, "must be a whole number that is not negative, got " + value);
    }
    boolean least = keyword.startsWith("min");
    if (least && number.compareTo(BigDecimal.valueOf(MOST_BOUND)) > 0) {
      throw schema.wrong(keyword, "may be at most " + MOST_BOUND + ", got " + value);
    }
    // A large upper bound that is never reached needs no exact count.
    return number.min(BigDecimal.valueOf(JsonString.MOST_MIN)).intValue();
  }

  private void string(String keyword, JsonNode value) throws GrammarException {
    switch (keyword) {
      case "minLength" -> facets.minLength = count(keyword, value);
      case "maxLength" -> facets.maxLength = count(keyword, value);
      case "pattern" -> facets.patterns.add(text(keyword, value));
      default -> facets.formats.add(text(keyword, value));
    }
  }

  private String text(String keyword, JsonNode value) throws GrammarException {
    if (!value.isTextual()) {
      throw schema.wrong(keyword, "must be a string");
    }
    return value.textValue();
  }

  private void array(String keyword) throws GrammarException {
    JsonNode value = schema.node().get(keyword);
    switch (keyword) {
      case "minItems" -> facets.minItems = count(keyword, value);
      case "maxItems" -> facets.maxItems = count(keyword, value);
      case "uniqueItems" -> facets.uniqueItems = bool(keyword, value);
      case "prefixItems" -> prefix(keyword, value);
      case "items" -> {
        if (value.isArray()) {
          prefix(keyword, value);
        } else {
          facets.items = Subschema.of(schema(keyword));
        }
      }
      default -> {
        if (schema.node().path("items").isArray()) {
          facets.items = Subschema.of(schema(keyword));
        }
      }
    }
  }

  private void prefix(String keyword, JsonNode value) throws GrammarException {
    int size = array(keyword, value).size();
    for (int i = 0; i < size; i++) {
      facets.prefixItems.add(Subschema.of(schema(keyword, String.valueOf(i))));
    }
  }

  private Located schema(String... steps) throws GrammarException {
    Located inner = schema.at(steps);
    if (!inner.node().isObject() && !inner.node().isBoolean()) {
      throw schema.wrong(String.join("/", steps), "must be a schema: an object, true or false");
    }
    return inner;
  }

  private void object(String keyword, JsonNode value) throws GrammarException {
    switch (keyword) {
      case "properties" -> {
        facets.listsProperties = true;
        schemas(keyword, value, facets.properties);
      }
      case "patternProperties" -> schemas(keyword, value, facets.patternProperties);
      case "required" -> {
        for (JsonNode name : array(keyword, value)) {
          facets.required.add(text(keyword, name));
        }
      }
      case "additionalProperties" -> facets.additional = Subschema.of(schema(keyword));
      case "propertyNames" -> facets.propertyNames = Subschema.of(schema(keyword));
      case "minProperties" -> facets.minProperties = count(keyword, value);
      default -> facets.maxProperties = count(keyword, value);
    }
  }

  private void schemas(String keyword, JsonNode value, Map<String, Subschema> into)
      throws GrammarException {
    if (!value.isObject()) {
      throw schema.wrong(keyword, "must be an object of schemas");
    }
    for (Map.Entry<String, JsonNode> field : value.properties()) {
      into.put(field.getKey(), Subschema.of(schema(keyword, field.getKey())));
    }
  }
}
