package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.EnumSet;
import java.util.List;

/**
 * Whether no value that is generated for one schema meets another: then oneOf means what anyOf
 * means. It says no where it can't tell.
 */
final class Disjoint {
  private static final int MOST_DEPTH = 4;

  private final SchemaCompiler schemas;
  private final Budget budget;
  private int depth;

  Disjoint(SchemaCompiler schemas, Budget budget) {
    this.schemas = schemas;
    this.budget = budget;
  }

  boolean all(List<Facets> a, List<Facets> b) throws GrammarException {
    for (Facets one : a) {
      for (Facets other : b) {
        if (!two(one, other)) {
          return false;
        }
      }
    }
    return true;
  }

  private boolean two(Facets a, Facets b) throws GrammarException {
    budget.spend(1);
    if (a.values != null && b.values != null) {
      return JsonValues.inBoth(a.values, b.values).isEmpty();
    }
    EnumSet<JsonType> shared = shared(generated(a), met(b));
    shared.addAll(shared(generated(b), met(a)));
    for (JsonType type : shared) {
      if (!differ(a, b, type)) {
        return false;
      }
    }
    return true;
  }

  private static EnumSet<JsonType> shared(EnumSet<JsonType> a, EnumSet<JsonType> b) {
    a.retainAll(b);
    return a;
  }

  /** The types of what is generated. */
  private static EnumSet<JsonType> generated(Facets facets) {
    return widened(facets.values == null ? facets.possibleTypes() : typesOf(facets.values));
  }

  /** The types of what meets the schema. */
  private static EnumSet<JsonType> met(Facets facets) {
    if (facets.values != null) {
      return widened(typesOf(facets.values));
    }
    return widened(facets.types == null ? EnumSet.allOf(JsonType.class) : facets.types);
  }

  private static EnumSet<JsonType> typesOf(List<JsonNode> values) {
    EnumSet<JsonType> types = EnumSet.noneOf(JsonType.class);
    for (JsonNode value : values) {
      types.add(JsonValues.type(value));
    }
    return types;
  }

  private static EnumSet<JsonType> widened(EnumSet<JsonType> types) {
    EnumSet<JsonType> wide = EnumSet.copyOf(types);
    if (wide.contains(JsonType.NUMBER)) {
      wide.add(JsonType.INTEGER);
    }
    return wide;
  }

  private boolean differ(Facets a, Facets b, JsonType type) throws GrammarException {
    return switch (type) {
      case NULL, BOOLEAN -> false;
      case INTEGER, NUMBER -> below(a, b) || below(b, a);
      case STRING -> a.maxLength < b.minLength || b.maxLength < a.minLength;
      case ARRAY -> a.maxItems < b.minItems || b.maxItems < a.minItems;
      case OBJECT ->
          differByProperty(a, b)
              || forbidsRequired(a, b)
              || forbidsRequired(b, a)
              || (lacksRequired(a, b) && lacksRequired(b, a));
    };
  }

  private static boolean below(Facets a, Facets b) {
    if (a.high == null || b.low == null) {
      return false;
    }
    int order = a.high.compareTo(b.low);
    return order < 0 || (order == 0 && (a.highExclusive || b.lowExclusive));
  }

  private boolean differByProperty(Facets a, Facets b) throws GrammarException {
    if (++depth > MOST_DEPTH) {
      depth--;
      return false;
    }
    // Those with constants first: others may refer back to where we are.
    boolean differ = differByProperty(a, b, true) || differByProperty(a, b, false);
    depth--;
    return differ;
  }

  private boolean differByProperty(Facets a, Facets b, boolean constants) throws GrammarException {
    for (String name : a.required) {
      Subschema one = a.properties.get(name);
      Subschema other = b.properties.get(name);
      if (b.required.contains(name)
          && one != null
          && other != null
          && (isConstant(one) && isConstant(other)) == constants
          && all(schemas.alternatives(one), schemas.alternatives(other))) {
        return true;
      }
    }
    return false;
  }

  private static boolean isConstant(Subschema schema) {
    return schema.all().stream().anyMatch(s -> s.node().has("const") || s.node().has("enum"));
  }

  private static boolean forbidsRequired(Facets one, Facets other) {
    if (one.additional == null || !isFalse(one.additional) || !one.patternProperties.isEmpty()) {
      return false;
    }
    return other.required.stream().anyMatch(name -> !one.properties.containsKey(name));
  }

  /** Whether objects generated for the one never have a property that the other requires. */
  private static boolean lacksRequired(Facets one, Facets other) {
    if (one.isOpen() && (one.additional == null || !isFalse(one.additional))) {
      return false;
    }
    if (!one.patternProperties.isEmpty()) {
      return false;
    }
    for (String name : other.required) {
      if (!one.properties.containsKey(name) && !one.required.contains(name)) {
        return true;
      }
    }
    return false;
  }

  private static boolean isFalse(Subschema schema) {
    return schema.all().stream().anyMatch(s -> s.node().isBoolean() && !s.node().booleanValue());
  }
}
