package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.kvasir.runtime.grammar.Subschema.Located;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Turns a JSON schema into a rule: follows references, multiplies out combinations until each
 * alternative is a plain list of demands, and has those compiled. What is accepted is always valid;
 * some valid values are never generated (undeclared properties unless the schema names
 * additionalProperties, other orders of properties, other spellings of numbers).
 */
final class SchemaCompiler {
  private static final int MOST_CHARACTERS = 1 << 20;
  private static final int MOST_DEPTH = 100;
  private static final int MOST_ALTERNATIVES = 200;

  private static final JsonMapper MAPPER =
      JsonMapper.builder(
              com.fasterxml.jackson.core.JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(200).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(JsonParser.Feature.AUTO_CLOSE_SOURCE)
          .build();

  private final Budget budget;
  private final FacetCompiler facets;
  private final Map<Subschema, Rule.Reference> rules = new HashMap<>();
  private final Deque<Subschema> unfinished = new ArrayDeque<>();
  private final Deque<String> following = new ArrayDeque<>();
  private JsonNode root;
  private String whyImpossible = "";

  SchemaCompiler(Machines machines, Budget budget) {
    this.budget = budget;
    this.facets = new FacetCompiler(machines, budget, this);
  }

  Rule compile(String schema) throws GrammarException {
    root = parse(schema);
    return finish(Subschema.of(new Located(root, "")));
  }

  Rule anyObject() throws GrammarException {
    return compile("{\"type\":\"object\"}");
  }

  private static JsonNode parse(String schema) throws GrammarException {
    if (schema.length() > MOST_CHARACTERS) {
      throw new GrammarException(
          "the schema has %d characters, the most are %d"
              .formatted(schema.length(), MOST_CHARACTERS));
    }
    try {
      JsonNode parsed = MAPPER.readTree(schema);
      if (!parsed.isObject() && !parsed.isBoolean()) {
        throw new GrammarException("a schema is an object, true or false, got " + parsed);
      }
      return parsed;
    } catch (JsonProcessingException e) {
      throw new GrammarException("the schema is not valid JSON: " + e.getOriginalMessage());
    }
  }

  private Rule finish(Subschema schema) throws GrammarException {
    Rule rule = rule(schema);
    while (!unfinished.isEmpty()) {
      Subschema next = unfinished.removeFirst();
      rules.get(next).to(compile(next));
    }
    RuleCheck.prepare(rule, budget);
    if (!rule.isPossible()) {
      throw new GrammarException(
          "no value that ends within %d levels of objects and arrays meets the schema"
                  .formatted(Frame.MOST_LEVELS)
              + (whyImpossible.isEmpty() ? "" : ": " + whyImpossible));
    }
    return rule;
  }

  /** The rule of values that meet a schema; it may be worked out later. */
  Rule rule(Subschema schema) {
    Rule.Reference known = rules.get(schema);
    if (known == null) {
      known = new Rule.Reference();
      rules.put(schema, known);
      unfinished.addLast(schema);
    }
    return known;
  }

  /** A rule that nothing meets, and why. */
  Rule impossible(String why) {
    whyImpossible = whyImpossible.isEmpty() ? why : whyImpossible;
    return new Rule.Either(List.of());
  }

  private Rule compile(Subschema schema) throws GrammarException {
    budget.spend(1);
    if (schema.all().size() == 1) {
      Rule simple = simple(schema.all().getFirst());
      if (simple != null) {
        return simple;
      }
    }
    List<Rule> parts = new ArrayList<>();
    for (Facets alternative : alternatives(schema)) {
      parts.add(facets.rule(alternative));
    }
    return parts.isEmpty()
        ? impossible("nothing meets the schema at " + schema.pointer())
        : new Rule.Either(parts);
  }

  /** Where a schema is nothing but a reference or a choice, so are the rules: they may recur. */
  private Rule simple(Located schema) throws GrammarException {
    List<String> demands = demands(schema);
    if (demands.size() != 1) {
      return null;
    }
    return switch (demands.getFirst()) {
      case "$ref" -> rule(Subschema.of(target(schema)));
      case "anyOf" -> either(branches(schema, "anyOf"));
      case "oneOf" -> {
        List<Located> branches = branches(schema, "oneOf");
        requireDisjoint(schema, branches);
        yield either(branches);
      }
      case "allOf" -> {
        List<Located> branches = branches(schema, "allOf");
        yield branches.size() == 1 ? rule(Subschema.of(branches.getFirst())) : null;
      }
      default -> null;
    };
  }

  private Rule either(List<Located> branches) {
    List<Rule> parts = new ArrayList<>();
    for (Located branch : branches) {
      parts.add(rule(Subschema.of(branch)));
    }
    return new Rule.Either(parts);
  }

  private static List<String> demands(Located schema) {
    List<String> demands = new ArrayList<>();
    if (schema.node().isObject()) {
      for (Map.Entry<String, JsonNode> field : schema.node().properties()) {
        if (!FacetReader.isAnnotation(field.getKey())) {
          demands.add(field.getKey());
        }
      }
    }
    return demands;
  }

  /** All that must be met, multiplied out: a value meets the schema if it meets one of these. */
  List<Facets> alternatives(Subschema schema) throws GrammarException {
    List<Facets> all = null;
    for (Located part : schema.all()) {
      all = product(part, all, alternatives(part));
    }
    return all;
  }

  private List<Facets> alternatives(Located schema) throws GrammarException {
    budget.spend(1);
    if (following.size() > MOST_DEPTH) {
      throw new GrammarException(
          "the schema at " + schema.pointer() + " is nested in too many combinations");
    }
    if (schema.node().isBoolean()) {
      return schema.node().booleanValue() ? List.of(new Facets(schema)) : List.of();
    }
    List<Facets> all = List.of(FacetReader.read(schema));
    if (schema.node().has("$ref")) {
      all = product(schema, all, followed(target(schema)));
    }
    if (schema.node().has("allOf")) {
      for (Located branch : branches(schema, "allOf")) {
        all = product(schema, all, followed(branch));
      }
    }
    for (String choice : List.of("anyOf", "oneOf")) {
      if (schema.node().has(choice)) {
        List<Located> branches = branches(schema, choice);
        if (choice.equals("oneOf")) {
          requireDisjoint(schema, branches);
        }
        List<Facets> either = new ArrayList<>();
        for (Located branch : branches) {
          either.addAll(followed(branch));
        }
        all = product(schema, all, either);
      }
    }
    return all;
  }

  private List<Facets> followed(Located schema) throws GrammarException {
    if (following.contains(schema.pointer())) {
      throw new GrammarException(
          "the schema at %s refers to itself beside other keywords, which is not supported"
              .formatted(schema.pointer()));
    }
    following.push(schema.pointer());
    List<Facets> all = alternatives(schema);
    following.pop();
    return all;
  }

  private List<Facets> product(Located where, List<Facets> a, List<Facets> b)
      throws GrammarException {
    if (a == null) {
      return b;
    }
    if ((long) a.size() * b.size() > MOST_ALTERNATIVES) {
      throw new GrammarException(
          "the combinations at %s make more than %d alternatives"
              .formatted(where.pointer(), MOST_ALTERNATIVES));
    }
    List<Facets> all = new ArrayList<>();
    for (Facets one : a) {
      for (Facets other : b) {
        budget.spend(1);
        all.add(FacetMerge.both(one, other));
      }
    }
    return all;
  }

  private static List<Located> branches(Located schema, String keyword) throws GrammarException {
    JsonNode list = schema.node().get(keyword);
    if (!list.isArray() || list.isEmpty()) {
      throw schema.wrong(keyword, "must be a list of schemas that is not empty");
    }
    List<Located> branches = new ArrayList<>();
    for (int i = 0; i < list.size(); i++) {
      Located branch = schema.at(keyword, String.valueOf(i));
      if (!branch.node().isObject() && !branch.node().isBoolean()) {
        throw schema.wrong(keyword + "/" + i, "must be a schema: an object, true or false");
      }
      branches.add(branch);
    }
    return branches;
  }

  private Located target(Located schema) throws GrammarException {
    JsonNode reference = schema.node().get("$ref");
    String text = reference.isTextual() ? reference.textValue() : "";
    if (!text.equals("#") && !text.startsWith("#/")) {
      throw schema.refused("$ref", " unless it is '#' or begins with '#/', got " + reference);
    }
    Located at = new Located(root, "");
    for (String step : text.length() < 3 ? List.<String>of() : steps(text.substring(2))) {
      boolean there = at.node().isArray() ? isIndex(at.node(), step) : at.node().has(step);
      if (!there) {
        throw schema.wrong("$ref", "points to " + text + ", which is not there");
      }
      at = at.at(step);
    }
    if (!at.node().isObject() && !at.node().isBoolean()) {
      throw schema.wrong("$ref", "points to " + text + ", which is no schema");
    }
    return at;
  }

  private static List<String> steps(String pointer) {
    List<String> steps = new ArrayList<>();
    for (String step : pointer.split("/", -1)) {
      String decoded =
          step.contains("%")
              ? new String(PercentDecoding.decode(step), java.nio.charset.StandardCharsets.UTF_8)
              : step;
      steps.add(decoded.replace("~1", "/").replace("~0", "~"));
    }
    return steps;
  }

  private static boolean isIndex(JsonNode list, String step) {
    return step.matches("[0-9]{1,6}") && Integer.parseInt(step) < list.size();
  }

  private void requireDisjoint(Located schema, List<Located> branches) throws GrammarException {
    List<List<Facets>> all = new ArrayList<>();
    for (Located branch : branches) {
      all.add(followed(branch));
    }
    for (int i = 0; i < all.size(); i++) {
      for (int j = i + 1; j < all.size(); j++) {
        if (!new Disjoint(this, budget).all(all.get(i), all.get(j))) {
          throw schema.refused(
              "oneOf",
              ": a value could meet its schemas %d and %d both; use anyOf, or tell them apart by a required property with different constants"
                  .formatted(i, j));
        }
      }
    }
  }
}
