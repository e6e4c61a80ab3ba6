package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.SplittableRandom;

/** Random schemas that use every supported keyword; all have values, and those are bounded. */
final class TestingSchemas {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final List<String> PATTERNS =
      List.of(
          "^[a-z]{2,8}$",
          "^[A-Z][a-z]+( [A-Z][a-z]+)?$",
          "^\\d{3}-\\d{4}$",
          "^(foo|bar|ba[zx])+$",
          "^#[0-9a-fA-F]{6}$",
          "[0-9]+",
          "^\"q\\\\\\n\"$",
          "^[^\\d\\s]{1,5}$",
          "^\\p{Lu}\\w{0,4}$",
          "^.{3,6}$",
          "x$|^y",
          "^(\\+\\d{1,2} )?\\(?\\d{3}\\)?[ .-]\\d{3}$",
          "^caf\u00e9[\u4e00-\u4e10]?\ud83d\ude00*$");
  private static final List<String> FORMATS =
      List.of("date", "time", "date-time", "uuid", "ipv4", "ipv6", "hostname", "uri", "duration");

  private final SplittableRandom random;
  private int names;

  TestingSchemas(long seed) {
    this.random = new SplittableRandom(seed);
  }

  ObjectNode next() {
    names = 0;
    ObjectNode schema = random.nextInt(5) == 0 ? any(3) : object(3);
    if (random.nextInt(6) == 0) {
      schema = recursive();
    }
    if (random.nextInt(3) == 0) {
      schema.put("$schema", "https://json-schema.org/draft/2020-12/schema").put("title", "T");
    }
    return schema;
  }

  private ObjectNode recursive() {
    ObjectNode node = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = node.putObject("properties");
    properties.set("value", scalar());
    ObjectNode children = properties.putObject("children");
    if (random.nextBoolean()) {
      children.put("type", "array").put("maxItems", 1 + random.nextInt(4));
      children.putObject("items").put("$ref", "#/$defs/node");
    } else {
      ArrayNode either = children.putArray("anyOf");
      either.addObject().put("$ref", "#/$defs/node");
      either.addObject().put("type", "null");
    }
    node.putArray("required").add("value").add("children");
    node.put("additionalProperties", false);
    ObjectNode schema = JSON.createObjectNode().put("$ref", "#/$defs/node");
    schema.putObject("$defs").set("node", node);
    return schema;
  }

  private ObjectNode any(int depth) {
    int kind = random.nextInt(depth > 0 ? 14 : 8);
    return switch (kind) {
      case 8, 9, 10 -> object(depth);
      case 11, 12 -> array(depth);
      case 13 -> combined(depth);
      default -> scalar();
    };
  }

  private ObjectNode scalar() {
    ObjectNode schema = JSON.createObjectNode();
    switch (random.nextInt(12)) {
      case 0 -> schema.put("type", "boolean");
      case 1 -> schema.put("type", "null");
      case 2 -> integer(schema);
      case 3 -> number(schema);
      case 4 ->
          schema.putArray("enum").add("a\"b").add(7).addNull().add(-1.5).add("\u00e9\ud83d\ude00");
      case 5 -> schema.put("const", random.nextBoolean() ? "on\n" : "off");
      case 6 -> schema.put("type", "string").put("format", pick(FORMATS));
      case 7 -> schema.put("type", "string").put("pattern", pick(PATTERNS)).put("maxLength", 20);
      case 8 -> {
        schema.putArray("type").add("string").add("null");
        schema.put("maxLength", random.nextInt(12));
      }
      case 9 -> {
        schema.putArray("enum").add("red").add("reddish").add("green").add("r");
        schema.put("type", "string").put("description", "a colour");
      }
      default -> {
        int min = random.nextInt(6);
        schema.put("type", "string").put("minLength", min);
        schema.put("maxLength", min + random.nextInt(30));
      }
    }
    return schema;
  }

  private <T> T pick(List<T> of) {
    return of.get(random.nextInt(of.size()));
  }

  private void integer(ObjectNode schema) {
    schema.put("type", "integer");
    int from = random.nextInt(-2000, 2000);
    switch (random.nextInt(5)) {
      case 0 -> schema.put("minimum", from);
      case 1 -> schema.put("maximum", from);
      case 2 ->
          schema
              .put("exclusiveMinimum", from)
              .put("exclusiveMaximum", from + 2 + random.nextInt(300));
      case 3 ->
          schema
              .put("minimum", from)
              .put("maximum", from + 40)
              .put("multipleOf", 2 + random.nextInt(19));
      default -> schema.put("minimum", from).put("maximum", from + random.nextInt(100_000));
    }
  }

  private void number(ObjectNode schema) {
    schema.put("type", "number");
    double from = random.nextInt(-3000, 3000) / 100.0;
    switch (random.nextInt(4)) {
      case 0 -> schema.put("exclusiveMinimum", from);
      case 1 -> schema.put("minimum", from).put("exclusiveMaximum", from + 0.125);
      case 2 -> schema.put("minimum", from).put("maximum", from + random.nextInt(1000));
      default -> {}
    }
  }

  private String name() {
    String[] odd = {
      "a b", "q\"uote", "\u00fcber", "x/y~z", "name", "id", "value_of_it", "\\", "t\tab"
    };
    return odd[random.nextInt(odd.length)] + (random.nextInt(3) == 0 ? "" : "_" + names++);
  }

  private ObjectNode object(int depth) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    ArrayNode required = JSON.createArrayNode();
    int count = random.nextInt(6);
    for (int i = 0; i < count; i++) {
      String name = name();
      boolean isNew = !properties.has(name);
      properties.set(name, any(depth - 1));
      if (isNew && random.nextInt(3) > 0) {
        required.add(name);
      }
    }
    if (!required.isEmpty()) {
      schema.set("required", required);
    }
    further(schema, properties.size(), depth);
    return schema;
  }

  private void further(ObjectNode schema, int declared, int depth) {
    switch (random.nextInt(7)) {
      case 0 -> schema.set("additionalProperties", any(Math.min(depth - 1, 0)));
      case 1 -> {
        schema.putObject("patternProperties").set("^x-[a-z]{1,5}$", scalar());
        schema.put("maxProperties", declared + 2);
      }
      case 2 -> {
        schema.set("additionalProperties", scalar());
        schema.putObject("propertyNames").put("maxLength", 40).put("minLength", 1);
        schema.put("minProperties", 1).put("maxProperties", declared + 3);
      }
      case 3 -> {}
      default -> schema.put("additionalProperties", false);
    }
  }

  private ObjectNode array(int depth) {
    ObjectNode schema = JSON.createObjectNode().put("type", "array");
    int min = random.nextInt(3);
    if (random.nextInt(4) == 0) {
      ArrayNode prefix = schema.putArray("prefixItems");
      prefix.add(scalar()).add(any(depth - 1));
      if (random.nextBoolean()) {
        schema.put("items", false);
        schema.put("minItems", min);
      } else {
        schema.set("items", scalar());
        schema.put("minItems", min + 1).put("maxItems", min + 3);
      }
      return schema;
    }
    schema.set("items", any(depth - 1));
    return schema.put("minItems", min).put("maxItems", min + random.nextInt(4));
  }

  private ObjectNode combined(int depth) {
    ObjectNode schema = JSON.createObjectNode();
    switch (random.nextInt(5)) {
      case 0 -> schema.putArray("anyOf").add(any(depth - 1)).add(any(depth - 1));
      case 1 -> {
        ArrayNode both = schema.putArray("allOf");
        both.addObject().put("type", "string").put("minLength", 2);
        both.addObject().put("maxLength", 9).put("pattern", "^[a-f0-9]*$");
      }
      case 2 -> {
        ArrayNode one = schema.putArray("oneOf");
        one.add(tagged("circle", depth)).add(tagged("square", depth));
      }
      case 3 -> {
        schema.put("type", "object");
        schema.putObject("properties").putObject("base").put("type", "boolean");
        schema.putArray("required").add("base");
        ArrayNode any = schema.putArray("anyOf");
        any.addObject().putObject("properties").set("left", any(depth - 1));
        any.addObject().putObject("properties").set("right", any(depth - 1));
      }
      default ->
          schema
              .putArray("oneOf")
              .add(JSON.createObjectNode().put("type", "null"))
              .add(object(depth - 1));
    }
    return schema;
  }

  private ObjectNode tagged(String kind, int depth) {
    ObjectNode schema = JSON.createObjectNode().put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    properties.putObject("kind").put("const", kind);
    properties.set("size", any(depth - 1));
    schema.putArray("required").add("kind").add("size");
    return schema;
  }
}
