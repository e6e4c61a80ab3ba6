package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Compiles grammars for one vocabulary and remembers the last ones. Thread-safe; compiling is
 * bounded work on the caller's thread.
 */
public final class Grammars {
  private static final int MOST_REMEMBERED = 256;
  private static final int MOST_REMEMBERED_STATES = 1_000_000;
  private static final int MOST_PARTS = 1000;
  private static final int MOST_CHOICES = 10_000;
  private static final int MOST_TEXT = 1 << 20;

  private final Vocabulary vocabulary;
  private final MaskMaker masks;
  private final Machines machines;
  private final Map<GrammarSpec, Grammar> remembered = new LinkedHashMap<>(16, 0.75f, true);
  private long states;

  public Grammars(Vocabulary vocabulary) {
    this.vocabulary = vocabulary;
    this.masks = new MaskMaker(vocabulary);
    this.machines = new Machines(vocabulary);
  }

  /**
   * Compiles a grammar, or finds it among the last ones.
   *
   * @throws GrammarException where it is malformed, not supported, met by nothing, or too large
   */
  public Grammar compile(GrammarSpec spec) throws GrammarException {
    synchronized (remembered) {
      Grammar known = remembered.get(spec);
      if (known != null) {
        return known;
      }
    }
    Grammar made = make(spec);
    synchronized (remembered) {
      remember(spec, made);
    }
    return made;
  }

  private void remember(GrammarSpec spec, Grammar made) {
    Grammar before = remembered.put(spec, made);
    states += made.size() - (before == null ? 0 : before.size());
    var eldest = remembered.entrySet().iterator();
    while (remembered.size() > MOST_REMEMBERED
        || (states > MOST_REMEMBERED_STATES && remembered.size() > 1)) {
      states -= eldest.next().getValue().size();
      eldest.remove();
    }
  }

  private Grammar make(GrammarSpec spec) throws GrammarException {
    Budget budget = new Budget();
    Rule root = new Maker(budget).rule(spec);
    RuleCheck.prepare(root, budget);
    if (!root.isPossible()) {
      throw new GrammarException("the grammar has no text that ends");
    }
    return new Grammar(root, vocabulary, masks, Math.max(1, budget.states()));
  }

  /** Makes the rules of one grammar. */
  private final class Maker {
    private final Budget budget;
    private final TextMachines texts;

    Maker(Budget budget) {
      this.budget = budget;
      this.texts = new TextMachines(machines, budget);
    }

    Rule rule(GrammarSpec spec) throws GrammarException {
      budget.spend(1);
      return switch (spec) {
        case GrammarSpec.JsonSchema schema ->
            new SchemaCompiler(machines, budget).compile(schema.schema());
        case GrammarSpec.JsonObject object -> new SchemaCompiler(machines, budget).anyObject();
        case GrammarSpec.Pattern pattern -> pattern(pattern.expression());
        case GrammarSpec.Choice choice -> choice(choice.texts());
        case GrammarSpec.Text text -> new Rule.Terminal(Literal.of(text.text(), vocabulary));
        case GrammarSpec.Token token -> new Rule.Terminal(new SpecialToken(token.id()));
        case GrammarSpec.Until until -> until(until.mark());
        case GrammarSpec.Sequence sequence -> new Rule.Sequence(rules(sequence.parts()));
        case GrammarSpec.AnyOf anyOf -> new Rule.Either(rules(anyOf.parts()));
        case GrammarSpec.Several several ->
            new ListRule(
                new ListRule.Texts("", several.separator(), ""),
                List.of(),
                rule(several.part()),
                new ObjectRule.Bounds(several.min(), several.max()),
                vocabulary);
      };
    }

    private List<Rule> rules(List<GrammarSpec> specs) throws GrammarException {
      if (specs.size() > MOST_PARTS) {
        throw new GrammarException(
            "a grammar of %d parts, the most are %d".formatted(specs.size(), MOST_PARTS));
      }
      List<Rule> rules = new ArrayList<>();
      for (GrammarSpec spec : specs) {
        rules.add(rule(spec));
      }
      return rules;
    }

    private Rule pattern(String expression) throws GrammarException {
      PatternSet set = PatternSet.whole(RegexParser.parse(expression), Encoding.UTF8, budget);
      return terminal(texts.plain(set), "no text matches the regular expression");
    }

    private Rule until(GrammarSpec mark) throws GrammarException {
      return switch (mark) {
        case GrammarSpec.Text text ->
            new Rule.Terminal(texts.plain(new UpToMark(Encoding.UTF8.bytes(text.text()))));
        case GrammarSpec.Token token ->
            new Rule.Sequence(List.of(new Rule.Terminal(texts.plain(new AnyBytes())), rule(token)));
        default -> throw new IllegalArgumentException("a mark is a text or a token, got " + mark);
      };
    }

    private Rule choice(List<String> choices) throws GrammarException {
      long length = choices.stream().mapToLong(String::length).sum();
      if (choices.isEmpty() || choices.size() > MOST_CHOICES || length > MOST_TEXT) {
        throw new GrammarException(
            "a choice needs 1 to %d texts of at most %d characters together, got %d of %d"
                .formatted(MOST_CHOICES, MOST_TEXT, choices.size(), length));
      }
      List<byte[]> bytes = new ArrayList<>();
      for (String text : choices) {
        if (text.isEmpty()) {
          throw new GrammarException("a choice holds an empty text");
        }
        bytes.add(Encoding.UTF8.bytes(text));
      }
      return terminal(texts.plain(new FixedTexts(bytes)), "the choice is empty");
    }

    private Rule terminal(Dfa machine, String whyNot) throws GrammarException {
      if (machine == null) {
        throw new GrammarException(whyNot);
      }
      return new Rule.Terminal(machine);
    }
  }
}
