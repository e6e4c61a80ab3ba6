package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.reply.ReplyPart;
import dev.kvasir.runtime.reply.ReplyReader;
import java.util.ArrayList;
import java.util.List;

/** A chat's message: content, reasoning and the calls of tools. */
final class ChatText implements ChoiceText {
  private final ReplyRules rules;
  private final ReplyReader reader;
  private final StringBuilder content = new StringBuilder();
  private final StringBuilder reasoning = new StringBuilder();
  private final ArrayNode calls = JsonText.newArray();
  private int reasoningTokens;

  ChatText(ReplyRules rules) {
    this.rules = rules;
    this.reader = rules.reader();
  }

  @Override
  public List<ObjectNode> append(String text, int tokens, boolean last) {
    List<ObjectNode> chunks = new ArrayList<>();
    reader.append(text).forEach(part -> add(part, chunks));
    reasoningTokens += reader.isReasoning() ? tokens : 0;
    if (last) {
      reader.finish().forEach(part -> add(part, chunks));
    }
    return chunks;
  }

  private void add(ReplyPart part, List<ObjectNode> chunks) {
    switch (part) {
      case ReplyPart.Content text -> {
        content.append(text.text());
        chunks.add(chunk(JsonText.newObject().put("content", text.text())));
      }
      case ReplyPart.Reasoning text -> {
        if (rules.showReasoning()) {
          reasoning.append(text.text());
          chunks.add(chunk(putReasoning(JsonText.newObject(), text.text())));
        }
      }
      case ReplyPart.Call call -> {
        if (rules.parallel() || calls.isEmpty()) {
          add(call, chunks);
        }
      }
    }
  }

  /** First who is called, then with what: as OpenAI streams a call. */
  private void add(ReplyPart.Call call, List<ObjectNode> chunks) {
    int index = calls.size();
    String id = ToolCallIds.next(rules.bareIds());
    ObjectNode begin = JsonText.newObject().put("index", index).put("id", id);
    begin
        .put("type", "function")
        .putObject("function")
        .put("name", call.name())
        .put("arguments", "");
    chunks.add(chunk(begin));
    ObjectNode rest = JsonText.newObject().put("index", index);
    rest.putObject("function").put("arguments", call.arguments());
    chunks.add(chunk(rest));
    calls
        .addObject()
        .put("id", id)
        .put("type", "function")
        .putObject("function")
        .put("name", call.name())
        .put("arguments", call.arguments());
  }

  /** The field's older name, which most clients read, and vLLM's newer one. */
  private static ObjectNode putReasoning(ObjectNode message, String text) {
    return message.put("reasoning_content", text).put("reasoning", text);
  }

  private static ObjectNode chunk(ObjectNode delta) {
    ObjectNode chunk = JsonText.newObject();
    if (delta.has("index")) {
      chunk.putObject("delta").putArray("tool_calls").add(delta);
    } else {
      chunk.set("delta", delta);
    }
    return chunk;
  }

  @Override
  public ObjectNode nothing() {
    return chunk(JsonText.newObject());
  }

  @Override
  public void putWhole(ObjectNode choice) {
    ObjectNode message = choice.putObject("message").put("role", "assistant");
    boolean silent = content.isEmpty() && !(calls.isEmpty() && reasoning.isEmpty());
    message.put("content", silent ? null : content.toString()).putNull("refusal");
    if (!reasoning.isEmpty()) {
      putReasoning(message, reasoning.toString());
    }
    if (!calls.isEmpty()) {
      message.set("tool_calls", calls);
    }
  }

  @Override
  public String finishReason(String reason) {
    return reason.equals("stop") && !calls.isEmpty() ? "tool_calls" : reason;
  }

  @Override
  public int reasoningTokens() {
    return reasoningTokens;
  }
}
