package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Turns a list of demands into a rule. */
final class FacetCompiler {
  /** No number is longer, so this is no bound. */
  private static final BigDecimal BEYOND = BigDecimal.TEN.pow(15);

  private final Vocabulary vocabulary;
  private final Machines machines;
  private final Budget budget;
  private final SchemaCompiler schemas;
  private final TextMachines texts;
  private final ObjectCompiler objects;

  /** What tells the contents of strings apart. */
  private record Content(Set<String> patterns, Set<String> formats) {}

  FacetCompiler(Machines machines, Budget budget, SchemaCompiler schemas) {
    this.vocabulary = machines.vocabulary();
    this.machines = machines;
    this.budget = budget;
    this.schemas = schemas;
    this.texts = new TextMachines(machines, budget);
    this.objects = new ObjectCompiler(vocabulary, budget, schemas, this);
  }

  Rule rule(Facets facets) throws GrammarException {
    if (facets.values != null) {
      return values(facets);
    }
    EnumSet<JsonType> types = facets.possibleTypes();
    List<Rule> rules = new ArrayList<>();
    for (JsonType type : types) {
      boolean covered = type == JsonType.INTEGER && types.contains(JsonType.NUMBER);
      if (!covered) {
        rules.add(rule(facets, type));
      }
    }
    return rules.size() == 1 ? rules.getFirst() : new Rule.Either(rules);
  }

  private Rule rule(Facets facets, JsonType type) throws GrammarException {
    return switch (type) {
      case NULL -> literal("null");
      case BOOLEAN -> new Rule.Either(List.of(literal("true"), literal("false")));
      case INTEGER -> number(facets, true);
      case NUMBER -> number(facets, false);
      case STRING -> string(facets);
      case ARRAY -> array(facets);
      case OBJECT -> objects.rule(facets);
    };
  }

  private Rule literal(String text) {
    return new Rule.Terminal(Literal.of(text, vocabulary));
  }

  private Rule orImpossible(Leaf machine, Facets facets, String what) {
    return machine == null
        ? schemas.impossible("no " + what + " meets the bounds at " + at(facets))
        : new Rule.Terminal(machine);
  }

  private static String at(Facets facets) {
    return Subschema.of(facets.source).pointer();
  }

  private Rule values(Facets facets) throws GrammarException {
    List<byte[]> fitting = new ArrayList<>();
    for (JsonNode value : facets.values) {
      if (accepts(facets, value)) {
        fitting.add(JsonValues.text(value).getBytes(StandardCharsets.UTF_8));
      }
    }
    return fitting.isEmpty()
        ? schemas.impossible("no listed value fits the other keywords at " + at(facets))
        : new Rule.Terminal(texts.plain(new FixedTexts(fitting)));
  }

  /** Whether a listed value meets the other keywords. */
  private boolean accepts(Facets facets, JsonNode value) throws GrammarException {
    JsonType type = JsonValues.type(value);
    EnumSet<JsonType> types = facets.possibleTypes();
    boolean typed =
        types.contains(type) || (type == JsonType.INTEGER && types.contains(JsonType.NUMBER));
    if (!typed) {
      return false;
    }
    return switch (type) {
      case NULL, BOOLEAN -> true;
      case INTEGER, NUMBER -> acceptsNumber(facets, value.decimalValue());
      case STRING -> acceptsString(facets, value.textValue());
      case ARRAY, OBJECT -> {
        if (facets.hinted.contains(type)) {
          throw facets.source.refused(
              "enum", " with objects or arrays beside keywords about their content");
        }
        yield true;
      }
    };
  }

  private static boolean acceptsNumber(Facets facets, BigDecimal value) {
    int low = facets.low == null ? 1 : value.compareTo(facets.low);
    int high = facets.high == null ? -1 : value.compareTo(facets.high);
    boolean inRange =
        (low > 0 || (low == 0 && !facets.lowExclusive))
            && (high < 0 || (high == 0 && !facets.highExclusive));
    return inRange
        && (facets.multipleOf == null
            || value.remainder(new BigDecimal(facets.multipleOf)).signum() == 0);
  }

  private boolean acceptsString(Facets facets, String value) throws GrammarException {
    int length = value.codePointCount(0, value.length());
    if (length < facets.minLength || length > facets.maxLength) {
      return false;
    }
    for (TextSet set : sets(facets)) {
      if (!Texts.holds(set, Encoding.JSON.bytes(value))) {
        return false;
      }
    }
    return true;
  }

  private Rule number(Facets facets, boolean whole) throws GrammarException {
    BigDecimal low = facets.low;
    BigDecimal high = facets.high;
    boolean highIsFar = high != null && high.compareTo(BEYOND) >= 0;
    boolean lowIsFar = low != null && low.compareTo(BEYOND.negate()) <= 0;
    NumberMachine.Limits limits =
        new NumberMachine.Limits(
            lowIsFar && (high == null || high.compareTo(BEYOND.negate()) > 0) ? null : low,
            facets.lowExclusive,
            highIsFar && (low == null || low.compareTo(BEYOND) < 0) ? null : high,
            facets.highExclusive,
            facets.multipleOf,
            whole);
    Leaf machine = machines.get(limits, budget, () -> NumberMachine.of(limits, vocabulary, budget));
    return orImpossible(machine, facets, "number");
  }

  /** What patterns and formats demand of a string's content. */
  List<TextSet> sets(Facets facets) throws GrammarException {
    List<TextSet> sets = new ArrayList<>();
    for (String pattern : facets.patterns) {
      sets.add(somewhere(pattern, facets));
    }
    for (String format : facets.formats) {
      String expression = Formats.expression(format);
      if (expression == null) {
        throw facets.source.refused(
            "format", " with the value '" + format + "', only with " + Formats.known());
      }
      Regex regex = RegexParser.parse(expression);
      sets.add(PatternSet.whole(regex, Encoding.JSON, budget));
    }
    return sets;
  }

  PatternSet somewhere(String pattern, Facets facets) throws GrammarException {
    try {
      return PatternSet.somewhere(RegexParser.parse(pattern), Encoding.JSON, budget);
    } catch (GrammarException e) {
      throw new GrammarException("'pattern' at " + at(facets) + ": " + e.getMessage());
    }
  }

  private Rule string(Facets facets) throws GrammarException {
    if (facets.minLength > facets.maxLength) {
      return schemas.impossible("no string meets the bounds at " + at(facets));
    }
    return orImpossible(machine(facets), facets, "string");
  }

  private Leaf machine(Facets facets) throws GrammarException {
    if (facets.patterns.isEmpty() && facets.formats.isEmpty()) {
      return new JsonString(facets.minLength, facets.maxLength);
    }
    Content content = new Content(Set.copyOf(facets.patterns), Set.copyOf(facets.formats));
    return texts.strings(content, () -> sets(facets), facets.minLength, facets.maxLength);
  }

  private Rule array(Facets facets) throws GrammarException {
    if (facets.uniqueItems && facets.maxItems > 1) {
      throw facets.source.refused("uniqueItems", " unless 'maxItems' is at most 1");
    }
    List<Rule> first = new ArrayList<>();
    for (Subschema item : facets.prefixItems) {
      first.add(schemas.rule(item));
    }
    ObjectRule.Bounds bounds = new ObjectRule.Bounds(facets.minItems, facets.maxItems);
    Rule array = new ListRule(ListRule.Texts.ARRAY, first, rest(facets), bounds, vocabulary);
    return facets.minItems > facets.maxItems
        ? schemas.impossible("no array meets the bounds at " + at(facets))
        : array;
  }

  /** Items that the schema says nothing about come only where there must be some. */
  private Rule rest(Facets facets) {
    if (facets.items != null) {
      return schemas.rule(facets.items);
    }
    boolean wanted = facets.prefixItems.isEmpty() || facets.minItems > facets.prefixItems.size();
    return wanted ? anything(facets) : null;
  }

  /** The rule of any JSON value. */
  Rule anything(Facets facets) {
    JsonNode yes = com.fasterxml.jackson.databind.node.BooleanNode.TRUE;
    return schemas.rule(Subschema.of(new Subschema.Located(yes, "#true")));
  }

  TextMachines texts() {
    return texts;
  }
}
