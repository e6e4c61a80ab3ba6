package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationRequest;
import java.util.List;

/**
 * What both generating endpoints have in common once a request is understood.
 *
 * @param requests one for each choice; the n choices of a prompt share its array
 * @param promptField the request's field that the prompt came from, for errors
 * @param reply how a chat's replies are read; null where they are plain text
 * @param echoes the text of each prompt, to come before the output; empty where none is wanted
 */
record Ask(
    List<GenerationRequest> requests,
    int choicesPerPrompt,
    String promptField,
    List<String> echoes,
    Stops stops,
    Streaming streaming,
    Details details,
    ReplyRules reply) {

  /**
   * Texts that end the output.
   *
   * @param included whether the output ends with the text that ended it
   * @param minTokens texts that end within so many tokens don't count
   */
  record Stops(List<String> texts, boolean included, int minTokens) {}

  /**
   * Whether the answer comes in parts.
   *
   * @param usage a last part tells the tokens used
   * @param continuousUsage every part does
   */
  record Streaming(boolean wanted, boolean usage, boolean continuousUsage) {}

  /**
   * What the answer says beside its text.
   *
   * @param logprobs whether it carries log-probabilities
   * @param promptLogprobs how many of the likeliest at each prompt token, or -1 for nothing
   * @param tokensAsIds tokens in log-probabilities read {@code token_id:N}
   * @param tokenIds whether it carries the token ids
   */
  record Details(
      boolean logprobs,
      int promptLogprobs,
      boolean tokensAsIds,
      boolean tokenIds,
      boolean skipSpecialTokens) {}

  int[] prompt(int choice) {
    return requests.get(choice).promptTokenIds();
  }

  /** The text that a choice begins with, or null. */
  String echo(int choice) {
    return echoes.isEmpty() ? null : echoes.get(choice / choicesPerPrompt);
  }
}
