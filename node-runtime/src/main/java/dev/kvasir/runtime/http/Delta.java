package dev.kvasir.runtime.http;

import dev.kvasir.runtime.engine.GenerationEvent;
import java.util.List;

/**
 * What is new in one choice of a request.
 *
 * @param text may be empty while a character or a stop string is not complete
 * @param tokens those behind the text, the held-back ones included
 * @param prompt the whole prompt's log-probabilities, once; null otherwise
 * @param end null until the choice ends
 */
record Delta(
    int choice, String text, List<GenerationEvent.Token> tokens, PromptScores prompt, End end) {

  static Delta ofTokens(int choice, String text, List<GenerationEvent.Token> tokens, End end) {
    return new Delta(choice, text, tokens, null, end);
  }

  static Delta ofPrompt(int choice, PromptScores prompt) {
    return new Delta(choice, "", List.of(), prompt, null);
  }

  /**
   * How a choice ended.
   *
   * @param reason stop, length, abort or error
   * @param stopReason the stop string, or the stop token's id where it isn't the model's EOS; null
   *     otherwise
   * @param error what went wrong, or null
   */
  record End(String reason, Object stopReason, String error) {
    boolean failed() {
      return reason.equals("error") || reason.equals("abort");
    }
  }
}
