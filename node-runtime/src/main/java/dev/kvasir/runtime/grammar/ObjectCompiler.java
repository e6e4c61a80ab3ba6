package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Turns what a schema demands of an object into a rule. */
final class ObjectCompiler {
  /** Of a key that the schema does not name. */
  private static final int LONGEST_KEY = 32;

  private final Vocabulary vocabulary;
  private final Budget budget;
  private final SchemaCompiler schemas;
  private final FacetCompiler facetCompiler;

  ObjectCompiler(
      Vocabulary vocabulary, Budget budget, SchemaCompiler schemas, FacetCompiler facetCompiler) {
    this.vocabulary = vocabulary;
    this.budget = budget;
    this.schemas = schemas;
    this.facetCompiler = facetCompiler;
  }

  Rule rule(Facets facets) throws GrammarException {
    Map<String, Rule> declared = declared(facets);
    List<ObjectRule.Property> properties = new ArrayList<>();
    for (Map.Entry<String, Rule> property : declared.entrySet()) {
      String name = property.getKey();
      properties.add(
          new ObjectRule.Property(
              JsonValues.quoted(name), property.getValue(), facets.required.contains(name)));
    }
    Rule further = further(facets, declared.keySet());
    if (facets.minProperties > facets.maxProperties) {
      return schemas.impossible("'minProperties' is above 'maxProperties' at " + at(facets));
    }
    if (further != null && facets.minProperties > properties.size() + 1) {
      throw facets.source.refused(
          "minProperties", " where it takes two properties that the schema does not name");
    }
    ObjectRule.Bounds bounds = new ObjectRule.Bounds(facets.minProperties, facets.maxProperties);
    return new ObjectRule(properties, further, bounds, vocabulary);
  }

  private static String at(Facets facets) {
    return Subschema.of(facets.source).pointer();
  }

  /** The properties with names of their own: those listed, then those only required. */
  private Map<String, Rule> declared(Facets facets) throws GrammarException {
    Map<String, Rule> declared = new LinkedHashMap<>();
    for (Map.Entry<String, Subschema> property : facets.properties.entrySet()) {
      Subschema matched = matched(facets, property.getKey());
      add(facets, property.getKey(), Subschema.both(property.getValue(), matched), declared);
    }
    for (String name : facets.required) {
      if (!declared.containsKey(name)) {
        Subschema matched = matched(facets, name);
        add(facets, name, matched == null ? facets.additional : matched, declared);
      }
    }
    return declared;
  }

  private void add(Facets facets, String name, Subschema value, Map<String, Rule> declared)
      throws GrammarException {
    if (!isAllowed(facets, name)) {
      declared.put(
          name, schemas.impossible("'propertyNames' forbids '" + name + "' at " + at(facets)));
    } else {
      declared.put(name, value == null ? facetCompiler.anything(facets) : schemas.rule(value));
    }
  }

  /** What the patterns that a name matches demand of its value; null where it matches none. */
  private Subschema matched(Facets facets, String name) throws GrammarException {
    Subschema matched = null;
    for (Map.Entry<String, Subschema> pattern : facets.patternProperties.entrySet()) {
      TextSet keys = facetCompiler.somewhere(pattern.getKey(), facets);
      if (Texts.holds(keys, Encoding.JSON.bytes(name))) {
        matched = Subschema.both(matched, pattern.getValue());
      }
    }
    return matched;
  }

  private boolean isAllowed(Facets facets, String name) throws GrammarException {
    Facets names = names(facets);
    if (names == null) {
      return true;
    }
    int length = name.codePointCount(0, name.length());
    boolean allowed = length >= names.minLength && length <= names.maxLength;
    for (TextSet set : nameSets(names)) {
      allowed &= Texts.holds(set, Encoding.JSON.bytes(name));
    }
    return allowed;
  }

  /** The demands of propertyNames, or null. */
  private Facets names(Facets facets) throws GrammarException {
    if (facets.propertyNames == null) {
      return null;
    }
    List<Facets> alternatives = schemas.alternatives(facets.propertyNames);
    if (alternatives.size() != 1) {
      throw facets.source.refused("propertyNames", " with more or fewer than one alternative");
    }
    return alternatives.getFirst();
  }

  private List<TextSet> nameSets(Facets names) throws GrammarException {
    List<TextSet> sets = facetCompiler.sets(names);
    if (names.values != null) {
      List<byte[]> listed = new ArrayList<>();
      names.values.forEach(value -> {
        if (value.isTextual()) {
          listed.add(Encoding.JSON.bytes(value.textValue()));
        }
      });
      sets.add(new FixedTexts(listed));
    }
    return sets;
  }

  /** Properties that are not declared: by pattern, then others where the schema allows them. */
  private Rule further(Facets facets, Set<String> declared) throws GrammarException {
    List<Rule> kinds = new ArrayList<>();
    for (Map.Entry<String, Subschema> pattern : facets.patternProperties.entrySet()) {
      addKind(facets, declared, pattern.getKey(), schemas.rule(pattern.getValue()), kinds);
    }
    if (facets.additional != null) {
      addKind(facets, declared, null, schemas.rule(facets.additional), kinds);
    } else if (facets.isOpen()) {
      addKind(facets, declared, null, facetCompiler.anything(facets), kinds);
    }
    return kinds.isEmpty() ? null : new Rule.Either(kinds);
  }

  /** Names that are not declared and match none of the patterns but the one. */
  private static List<TextSet> notMatching(
      Set<String> declared, Map<String, TextSet> patterns, String butThis) {
    List<TextSet> sets = new ArrayList<>();
    List<byte[]> names = declared.stream().map(Encoding.JSON::bytes).toList();
    sets.add(new NotMatching(new FixedTexts(names)));
    patterns.forEach((pattern, set) -> {
      if (!pattern.equals(butThis)) {
        sets.add(new NotMatching(set));
      }
    });
    return sets;
  }

  /** What tells the contents of keys apart; the pattern to match is null for none of them. */
  private record Content(
      Set<String> not,
      Set<String> patterns,
      String match,
      Set<String> namePatterns,
      Set<String> nameFormats,
      List<JsonNode> names) {}

  private void addKind(
      Facets facets, Set<String> declared, String match, Rule value, List<Rule> kinds)
      throws GrammarException {
    Facets names = names(facets);
    int least = names == null ? 1 : names.minLength;
    int min = declared.contains("") ? Math.max(1, least) : least;
    int max = names == null ? LONGEST_KEY : Math.min(names.maxLength, longest(min));
    if (min <= max) {
      Leaf key = key(facets, names, declared, match, min, max);
      if (key != null) {
        kinds.add(ObjectRule.further(new Rule.Terminal(key), value, vocabulary));
      }
    }
  }

  private static int longest(int min) {
    return Math.max(LONGEST_KEY, min + LONGEST_KEY);
  }

  private Leaf key(
      Facets facets, Facets names, Set<String> declared, String match, int min, int max)
      throws GrammarException {
    boolean isFree =
        names == null
            || (names.patterns.isEmpty() && names.formats.isEmpty() && names.values == null);
    if (isFree && facets.patternProperties.isEmpty() && max <= OtherKeys.MOST_CHARACTERS) {
      return new OtherKeys(declared.stream().map(Encoding.JSON::bytes).toList(), min, max);
    }
    Content content =
        new Content(
            Set.copyOf(declared),
            Set.copyOf(facets.patternProperties.keySet()),
            match,
            names == null ? Set.of() : Set.copyOf(names.patterns),
            names == null ? Set.of() : Set.copyOf(names.formats),
            names == null || names.values == null ? List.of() : List.copyOf(names.values));
    return facetCompiler
        .texts()
        .strings(content, () -> keys(facets, names, declared, match), min, max);
  }

  private List<TextSet> keys(Facets facets, Facets names, Set<String> declared, String match)
      throws GrammarException {
    Map<String, TextSet> patterns = new LinkedHashMap<>();
    for (String pattern : facets.patternProperties.keySet()) {
      patterns.put(pattern, facetCompiler.somewhere(pattern, facets));
    }
    // A name that matches two patterns would have to meet both: none such is generated.
    List<TextSet> sets = notMatching(declared, patterns, match);
    if (match != null) {
      sets.add(patterns.get(match));
    }
    Regex characters = new Regex.Repeated(new Regex.Characters(CodePoints.ALL), 0, Regex.UNBOUNDED);
    sets.add(PatternSet.whole(characters, Encoding.JSON, budget));
    if (names != null) {
      sets.addAll(nameSets(names));
    }
    return sets;
  }
}
