package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.util.Set;

/**
 * One sequence to generate, in token ids: what the HTTP layer asks of the engine.
 *
 * @param id the client's x-request-id or a made one, for logs
 * @param promptTokenIds at least one id, each below the vocabulary size; not copied, must not
 *     change
 * @param maxTokens most tokens to generate; 0 computes the prompt only; prompt and output together
 *     fit the engine's maxModelLen
 * @param stopTokenIds ids that end the sequence (the model's EOS ids and the request's own); the id
 *     itself is reported as the last token with {@link FinishReason#STOP}
 * @param wantsHiddenState of the last prompt token, instead of any output: an embedding
 * @param cacheSalt only requests with the same one share cached prefixes; empty where none is given
 * @param grammar what the output has to follow, null for anything; where nothing can follow any
 *     more the sequence ends with {@link FinishReason#STOP}, with no id drawn for it
 */
public record GenerationRequest(
    String id,
    int[] promptTokenIds,
    SamplingParameters sampling,
    int maxTokens,
    Set<Integer> stopTokenIds,
    boolean wantsHiddenState,
    String cacheSalt,
    Grammar grammar) {

  public GenerationRequest(
      String id,
      int[] promptTokenIds,
      SamplingParameters sampling,
      int maxTokens,
      Set<Integer> stopTokenIds) {
    this(id, promptTokenIds, sampling, maxTokens, stopTokenIds, false, "", null);
  }

  /** Asks for the normed last hidden state of a text. */
  public static GenerationRequest hiddenState(String id, int[] promptTokenIds, String cacheSalt) {
    return new GenerationRequest(
        id, promptTokenIds, SamplingParameters.greedy(), 0, Set.of(), true, cacheSalt, null);
  }
}
