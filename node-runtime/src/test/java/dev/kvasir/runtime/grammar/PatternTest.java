package dev.kvasir.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class PatternTest {
  private static final String[] ATOMS = {
    "a",
    "b",
    "c",
    "[ab]",
    "[^a]",
    "[b-d]",
    "\\d",
    "\\w",
    ".",
    "\u00e9",
    "[\u00e0-\u00ff]",
    "\\x62",
    "\\u0063",
    "ab",
    "\ud83d\ude00"
  };
  private static final String[] REPEATS = {
    "*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "*?", "", "", ""
  };
  private static final String LETTERS = "abcd1_ \u00e9\u00ff\u4e00";

  @Test
  void takesWhatJavasExpressionsMatchAndNothingElse() throws Exception {
    for (long seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String expression = expression(random, 2);
      Grammar grammar = TestingGrammars.compile(new GrammarSpec.Pattern(expression));
      Pattern pattern = Pattern.compile(expression);
      for (int i = 0; i < 40; i++) {
        String text = text(random);
        assertEquals(
            pattern.matcher(text).matches(),
            TestingGrammars.holds(grammar, text),
            "seed " + seed + ", expression " + expression + ", text '" + text + "'");
      }
    }
  }

  @Test
  void whatItGeneratesMatches() throws Exception {
    for (long seed = 0; seed < 400; seed++) {
      String expression = expression(new SplittableRandom(seed), 2);
      Grammar grammar = TestingGrammars.compile(new GrammarSpec.Pattern(expression));
      TestingModel.Answer answer =
          new TestingModel(TestingGrammars.BYTES, seed).answer(grammar, 60);
      String facts = "seed " + seed + ", expression " + expression + ", text '" + answer.text();
      assertTrue(answer.finished(), facts);
      assertTrue(Pattern.matches(expression, answer.text()), facts);
    }
  }

  @Test
  void insideOfAStringAPatternIsFoundAnywhereUnlessItIsAnchored() throws Exception {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      String inner = expression(random, 2);
      String expression =
          new String[] {inner, "^" + inner, inner + "$", "^(?:" + inner + ")$", "^a|" + inner + "$"}
              [random.nextInt(5)];
      Grammar grammar =
          TestingGrammars.schema(
              "{\"type\":\"string\",\"pattern\":" + JsonValues.quoted(expression) + "}");
      Pattern pattern = Pattern.compile(expression);
      for (int i = 0; i < 40; i++) {
        String text = text(random);
        assertEquals(
            pattern.matcher(text).find(),
            TestingGrammars.holds(grammar, JsonValues.quoted(text)),
            "seed " + seed + ", expression " + expression + ", text '" + text + "'");
      }
    }
  }

  private static String expression(SplittableRandom random, int depth) {
    StringBuilder out = new StringBuilder();
    int parts = 1 + random.nextInt(3);
    for (int i = 0; i < parts; i++) {
      String atom = ATOMS[random.nextInt(ATOMS.length)];
      boolean group = depth > 0 && random.nextInt(3) == 0;
      out.append(group ? "(" + expression(random, depth - 1) + ")" : atom);
      boolean whole = group || !atom.equals("ab");
      out.append(whole ? REPEATS[random.nextInt(REPEATS.length)] : "");
    }
    return random.nextInt(4) == 0 && depth > 0
        ? out + "|" + expression(random, depth - 1)
        : out.toString();
  }

  private static String text(SplittableRandom random) {
    StringBuilder out = new StringBuilder();
    int[] letters = LETTERS.codePoints().toArray();
    int length = random.nextInt(7);
    for (int i = 0; i < length; i++) {
      int letter = random.nextInt(3) == 0 ? 'a' + random.nextInt(3) : random.nextInt(30);
      out.appendCodePoint(letter < letters.length ? letters[letter] : letter < 30 ? 'a' : letter);
    }
    return out.toString();
  }

  @Test
  void refusesByNameWhatAnAutomatonCannotHold() {
    String[][] cases = {
      {"a(?=b)", "lookahead"},
      {"(?<!a)b", "lookbehind"},
      {"(a)\\1", "back-references"},
      {"\\bword", "word boundaries"},
      {"(?i)a", "neither '(?:' nor named"},
      {"a++", "possessive"},
      {"[[:alpha:]]", "POSIX"},
      {"\\p{Greek}", "general categories"},
      {"a{3,1}", "most is below"},
      {"(a", "not closed"},
      {"a)", "closes nothing"},
      {"*a", "nothing to repeat"},
      {"[b-a]", "range's end"},
      {"[a", "ends too early"},
      {"a{99999}", "20000 times"},
      {"((a{1,2000}){1,2000}){1,2000}", "lower its repetitions"},
      {"(x+x+)+y{5000}(a|b|ab){900}(.*a.{15})+", "too"},
    };
    for (String[] one : cases) {
      GrammarException e =
          assertThrows(
              GrammarException.class,
              () -> TestingGrammars.compile(new GrammarSpec.Pattern(one[0])),
              one[0]);
      assertTrue(e.getMessage().contains(one[1]), one[0] + ": " + e.getMessage());
    }
  }
}
