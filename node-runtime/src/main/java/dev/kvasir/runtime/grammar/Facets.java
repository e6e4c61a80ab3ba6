package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the keywords of one schema demand of a value, references and combinations resolved: plain
 * data that {@link FacetReader} fills, {@link FacetMerge} puts together and {@link FacetCompiler}
 * turns into a rule.
 */
final class Facets {
  final Subschema.Located source;

  /** Null where the schema names none. */
  EnumSet<JsonType> types;

  /** Types that the schema's keywords are about. */
  final EnumSet<JsonType> hinted = EnumSet.noneOf(JsonType.class);

  /** Null where the schema lists no values. */
  List<JsonNode> values;

  BigDecimal low;
  boolean lowExclusive;
  BigDecimal high;
  boolean highExclusive;
  java.math.BigInteger multipleOf;

  int minLength;
  int maxLength = StringLeaf.UNLIMITED;

  /** Expressions that must be found in a string. */
  final Set<String> patterns = new LinkedHashSet<>();

  final Set<String> formats = new LinkedHashSet<>();

  int minItems;
  int maxItems = ListRule.UNLIMITED;
  boolean uniqueItems;
  final List<Subschema> prefixItems = new ArrayList<>();

  /** Of items past the prefix; null where nothing is said. */
  Subschema items;

  /** Whether there is a list of properties, though it may be empty. */
  boolean listsProperties;

  final Map<String, Subschema> properties = new LinkedHashMap<>();
  final Set<String> required = new LinkedHashSet<>();
  final Map<String, Subschema> patternProperties = new LinkedHashMap<>();

  /** Null where nothing is said. */
  Subschema additional;

  Subschema propertyNames;
  int minProperties;
  int maxProperties = ObjectRule.Bounds.UNLIMITED;

  Facets(Subschema.Located source) {
    this.source = source;
  }

  /** The types that a value may have: where none are named, those that the keywords are about. */
  EnumSet<JsonType> possibleTypes() {
    if (types != null) {
      return types;
    }
    return hinted.isEmpty() || values != null ? EnumSet.allOf(JsonType.class) : hinted;
  }

  /** Whether properties are generated that the schema does not name. */
  boolean isOpen() {
    boolean namesAny = listsProperties || !patternProperties.isEmpty() || !required.isEmpty();
    return additional != null || !namesAny;
  }
}
