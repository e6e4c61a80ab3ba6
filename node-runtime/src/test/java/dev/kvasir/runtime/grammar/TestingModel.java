package dev.kvasir.runtime.grammar;

import java.io.ByteArrayOutputStream;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.SplittableRandom;

/** A model of random weights: it draws tokens from random logits at temperature 1. */
final class TestingModel {
  private final Vocabulary vocabulary;
  private final int endToken;
  private final SplittableRandom random;

  /**
   * What was generated.
   *
   * @param finished whether it came to its end within the tokens allowed
   */
  record Answer(byte[] bytes, int tokens, boolean finished) {
    /** Fails where the bytes are no UTF-8. */
    String text() throws CharacterCodingException {
      return StandardCharsets.UTF_8.newDecoder().decode(java.nio.ByteBuffer.wrap(bytes)).toString();
    }
  }

  /** The end token comes after all others. */
  TestingModel(Vocabulary vocabulary, long seed) {
    this.vocabulary = vocabulary;
    this.endToken = vocabulary.size();
    this.random = new SplittableRandom(seed);
  }

  Answer answer(Grammar grammar, int maxTokens) {
    return answer(grammar, maxTokens, maxTokens);
  }

  /** {@code told}: how many tokens the grammar believes there are. */
  Answer answer(Grammar grammar, int maxTokens, int told) {
    GrammarState state = grammar.newState(Set.of(endToken), vocabulary.size() + 1);
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int tokens = 0;
    while (tokens < maxTokens && !state.isOver()) {
      int token = draw(state.mask(told - tokens));
      if (!state.accept(token)) {
        throw new AssertionError("the mask held token " + token + ", which does not fit");
      }
      tokens++;
      if (token != endToken) {
        out.writeBytes(vocabulary.bytes(token));
      }
    }
    return new Answer(out.toByteArray(), tokens, state.isOver());
  }

  private int draw(long[] mask) {
    int best = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int word = 0; word < mask.length; word++) {
      for (long rest = mask[word]; rest != 0; rest &= rest - 1) {
        double value = logit() - Math.log(-Math.log(random.nextDouble()));
        if (value > highest) {
          highest = value;
          best = word * 64 + Long.numberOfTrailingZeros(rest);
        }
      }
    }
    return best;
  }

  /** About as spread as those of a random checkpoint. */
  private double logit() {
    return random.nextDouble() + random.nextDouble() + random.nextDouble() - 1.5;
  }
}
