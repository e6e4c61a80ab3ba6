package dev.kvasir.runtime.engine;

import java.util.List;

/**
 * What a {@link GenerationStream} delivers, in order: tokens, then exactly one {@link Finished}.
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
   * The end; {@code message} says why for {@link FinishReason#ERROR} and for an {@link
   * FinishReason#ABORT} that the caller did not ask for, and is null otherwise.
   */
  record Finished(FinishReason reason, String message) implements GenerationEvent {}

  /** A token id with the natural logarithm of its probability. */
  record TokenLogprob(int id, float logprob) {}
}
