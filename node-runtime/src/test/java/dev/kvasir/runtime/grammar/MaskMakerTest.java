package dev.kvasir.runtime.grammar;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Masks are made in many ways; all must hold what asking about each token alone would. */
class MaskMakerTest {
  private static final int SCHEMAS = 150;
  private static final int STEPS = 25;

  @Test
  void aMaskHoldsTheTokensThatFitOneByOne() throws Exception {
    Vocabulary vocabulary = TestingVocabularies.large(1500, 9);
    Grammars grammars = new Grammars(vocabulary);
    for (long seed = 0; seed < SCHEMAS; seed++) {
      String schema = new TestingSchemas(seed).next().toString();
      follow(vocabulary, grammars.compile(new GrammarSpec.JsonSchema(schema)), seed, schema);
    }
  }

  @Test
  void soDoMasksOfOtherGrammars() throws Exception {
    Vocabulary vocabulary = TestingVocabularies.large(1500, 10);
    Grammars grammars = new Grammars(vocabulary);
    for (String expression :
        new String[] {"[a-z ]{3,9}(, [a-z]+)*", ".*x", "[0-9]+", "\\w{1,80}"}) {
      for (long seed = 0; seed < 10; seed++) {
        follow(vocabulary, grammars.compile(new GrammarSpec.Pattern(expression)), seed, expression);
      }
    }
    Grammar object = grammars.compile(new GrammarSpec.JsonObject());
    for (long seed = 0; seed < 20; seed++) {
      follow(vocabulary, object, seed, "any object");
    }
  }

  /** Keys that almost are the names of declared properties, in a vocabulary that knows those. */
  @Test
  void soDoMasksOfKeysBesideDeclaredOnes() throws Exception {
    String[] pieces = {
      "ab", "abc", "\u00e9", "\\\\", "ab\"", "abc\":", "b\"", "c\": ", "\u00e9\":", "\":", "a\u00e9"
    };
    byte[][] tokens = new byte[256 + pieces.length][];
    for (int id = 0; id < tokens.length; id++) {
      tokens[id] =
          id < 256 ? new byte[] {(byte) id} : pieces[id - 256].getBytes(StandardCharsets.UTF_8);
    }
    Vocabulary vocabulary = new Vocabulary(tokens);
    for (long seed = 0; seed < 400; seed++) {
      int min = (int) seed % 5;
      String own =
          """
          {"properties": {"ab": {"const": 1}, "abc": {"const": 2}, "\u00e9": {"const": 3}, "\\\\": {"const": 4}},
           "additionalProperties": {"type": "null"}, "propertyNames": {"minLength": %d, "maxLength": %d}}\
          """
              .formatted(min, min + seed % 2 + 1);
      Grammar grammar = new Grammars(vocabulary).compile(new GrammarSpec.JsonSchema(own));
      follow(vocabulary, grammar, seed, own);
    }
  }

  private static void follow(Vocabulary vocabulary, Grammar grammar, long seed, String what) {
    SplittableRandom random = new SplittableRandom(seed);
    Position position = Position.start(grammar.root());
    for (int step = 0; step < STEPS && !position.isOver(); step++) {
      // Often just what the way to the end takes, so that some tokens fit but can't be afforded.
      int affordable = random.nextBoolean() ? 10_000 : position.cost() + random.nextInt(-1, 3);
      BitSet expected = fitting(vocabulary, position, affordable);
      long[] bits = new long[vocabulary.size() / 64 + 1];
      grammar.masks().fill(position, affordable, false, bits);
      String facts = what + ", seed " + seed + ", step " + step + ", " + affordable + " tokens";
      assertEquals(expected, BitSet.valueOf(bits), facts);
      position = next(vocabulary, position, expected, random);
    }
  }

  /** Tokens after which the end can be afforded, or where there are none the nearest to it. */
  private static BitSet fitting(Vocabulary vocabulary, Position position, int affordable) {
    BitSet fitting = new BitSet();
    int least = Costs.INFINITE;
    for (int id = 0; id < vocabulary.size(); id++) {
      int cost = cost(after(position, vocabulary.bytes(id)));
      fitting.set(id, cost <= affordable);
      least = Math.min(least, cost);
    }
    return fitting.isEmpty() && least < Costs.INFINITE
        ? fitting(vocabulary, position, least)
        : fitting;
  }

  private static int cost(Position position) {
    return position == null ? Costs.INFINITE : position.cost();
  }

  private static Position after(Position position, byte[] bytes) {
    Position next = position;
    for (int i = 0; i < bytes.length && next != null; i++) {
      next = next.step(bytes[i] & 0xff);
    }
    return next;
  }

  private static Position next(
      Vocabulary vocabulary, Position position, BitSet fitting, SplittableRandom random) {
    // Rather the pieces behind the bytes, where some fit.
    int[] all = fitting.stream().toArray();
    int[] pieces = fitting.stream().filter(id -> id >= 256 || "abc\\\"".indexOf(id) >= 0).toArray();
    int[] ids = pieces.length > 0 && random.nextInt(4) > 0 ? pieces : all;
    return after(position, vocabulary.bytes(ids[random.nextInt(ids.length)]));
  }
}
