package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** A completion's text. */
final class PlainText implements ChoiceText {
  private final StringBuilder all = new StringBuilder();

  @Override
  public List<ObjectNode> append(String text, int tokens, boolean last) {
    all.append(text);
    return text.isEmpty() ? List.of() : List.of(chunk(text));
  }

  @Override
  public ObjectNode nothing() {
    return chunk("");
  }

  private static ObjectNode chunk(String text) {
    return JsonText.newObject().put("text", text);
  }

  @Override
  public void putWhole(ObjectNode choice) {
    choice.put("text", all.toString());
  }

  @Override
  public String finishReason(String reason) {
    return reason;
  }

  @Override
  public int reasoningTokens() {
    return 0;
  }
}
