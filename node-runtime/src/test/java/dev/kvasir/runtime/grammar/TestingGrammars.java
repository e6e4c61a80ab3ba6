package dev.kvasir.runtime.grammar;

import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Asks compiled grammars about whole texts, over a vocabulary of single bytes. */
final class TestingGrammars {
  static final Vocabulary BYTES = bytes();
  static final int END = 256;

  private static final Grammars GRAMMARS = new Grammars(BYTES);

  private TestingGrammars() {}

  private static Vocabulary bytes() {
    byte[][] tokens = new byte[256][];
    for (int octet = 0; octet < 256; octet++) {
      tokens[octet] = new byte[] {(byte) octet};
    }
    return new Vocabulary(tokens);
  }

  static Grammar compile(GrammarSpec spec) throws GrammarException {
    return GRAMMARS.compile(spec);
  }

  static Grammar schema(String schema) throws GrammarException {
    return compile(new GrammarSpec.JsonSchema(schema));
  }

  /** Whether a text is a whole one of the grammar. */
  static boolean holds(Grammar grammar, String text) {
    GrammarState state = grammar.newState(Set.of(END), END + 1);
    for (byte octet : text.getBytes(StandardCharsets.UTF_8)) {
      if (!state.accept(octet & 0xff)) {
        return false;
      }
    }
    return state.isComplete();
  }
}
