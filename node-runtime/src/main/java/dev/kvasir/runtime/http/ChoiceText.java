package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** What one choice says, in chunks as it comes and whole at the end. */
interface ChoiceText {

  /**
   * Takes what is new.
   *
   * @param tokens how many tokens are behind it
   * @param last whether nothing more will come
   * @return what chunks say of it, one object each; often one, sometimes none
   */
  List<ObjectNode> append(String text, int tokens, boolean last);

  /** What a chunk says that has no text. */
  ObjectNode nothing();

  /** All that was said. */
  void putWhole(ObjectNode choice);

  /** Why it ended, where it would have ended for {@code reason} as mere text. */
  String finishReason(String reason);

  /** How many of its tokens are reasoning. */
  int reasoningTokens();
}
