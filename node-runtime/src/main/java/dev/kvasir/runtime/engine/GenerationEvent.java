package dev.kvasir.runtime.engine;

import java.util.List;

/**
 * What a {@link GenerationStream} delivers, in order: prompt log-probabilities where they were
 * asked for, tokens or a hidden state, then exactly one {@link Finished}.
 */
public sealed interface GenerationEvent {

  /**
   * One output token.
   *
   * @param logprob natural logarithm of its probability before temperature and truncation; NaN
   *     where none were asked for
   * @param top the most likely tokens, best first, as many as were asked for
   */
  record Token(int id, float logprob, List<TokenLogprob> top) implements GenerationEvent {}

  /**
   * Prompt tokens with their log-probabilities, from the second on; a prompt comes in several
   * parts.
   *
   * @param ranks of the tokens: 1 is the likeliest
   */
  record Prompt(List<Token> tokens, int[] ranks) implements GenerationEvent {}

  /** The normed hidden state of the prompt's last token. */
  record HiddenState(float[] values) implements GenerationEvent {}

  /**
   * The end; {@code message} says why for {@link FinishReason#ERROR} and for an {@link
   * FinishReason#ABORT} that the caller did not ask for, and is null otherwise.
   */
  record Finished(FinishReason reason, String message) implements GenerationEvent {}

  /** A token id with the natural logarithm of its probability. */
  record TokenLogprob(int id, float logprob) {}
}
