package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationEvent.Token;
import java.util.ArrayList;
import java.util.List;

/**
 * A prompt's tokens with their log-probabilities, collected as they come. The first token has none:
 * nothing stands before it.
 */
final class PromptScores {
  private final int promptLength;
  private final List<Token> tokens = new ArrayList<>();
  private final List<Integer> ranks = new ArrayList<>();

  PromptScores(int[] prompt) {
    promptLength = prompt.length;
    tokens.add(new Token(prompt[0], Float.NaN, List.of()));
    ranks.add(0);
  }

  void add(GenerationEvent.Prompt part) {
    tokens.addAll(part.tokens());
    for (int rank : part.ranks()) {
      ranks.add(rank);
    }
  }

  boolean isComplete() {
    return tokens.size() == promptLength;
  }

  List<Token> tokens() {
    return tokens;
  }

  /** 1 for the likeliest; 0 for the first token. */
  int rank(int position) {
    return ranks.get(position);
  }
}
