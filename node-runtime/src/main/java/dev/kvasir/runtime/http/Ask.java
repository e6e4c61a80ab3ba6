package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationRequest;
import java.util.List;

/**
 * What both generating endpoints have in common once a request is understood.
 *
 * @param requests one for each choice; the n choices of a prompt share its array
 * @param promptField the request's field that the prompt came from, for errors
 * @param logprobs whether the answer carries log-probabilities
 * @param tokensAsIds tokens in log-probabilities read {@code token_id:N}
 * @param tokenIds whether the answer carries the token ids
 */
record Ask(
    List<GenerationRequest> requests,
    int choicesPerPrompt,
    String promptField,
    List<String> stop,
    boolean stream,
    boolean includeUsage,
    boolean logprobs,
    boolean tokensAsIds,
    boolean tokenIds,
    boolean skipSpecialTokens) {

  int[] prompt(int choice) {
    return requests.get(choice).promptTokenIds();
  }
}
