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
  private final List<StringBuilder> arguments = new ArrayList<>();
  private int reasoningTokens;

  /** The last call does not count. */
  private boolean dropping;

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
        dropping = !rules.parallel() && !calls.isEmpty();
        if (!dropping) {
          begin(call.name(), chunks);
          add(new ReplyPart.Arguments(call.arguments()), chunks);
        }
      }
      case ReplyPart.Arguments more -> {
        if (!dropping && !more.text().isEmpty()) {
          continueCall(more.text(), chunks);
        }
      }
    }
  }

  /** First who is called, then with what: as OpenAI streams a call. */
  private void begin(String name, List<ObjectNode> chunks) {
    ObjectNode call = JsonText.newObject().put("id", ToolCallIds.next(rules.bareIds()));
    call.put("type", "function").putObject("function").put("name", name).put("arguments", "");
    ObjectNode begin = JsonText.newObject().put("index", calls.size());
    chunks.add(chunk(begin.setAll(call.deepCopy())));
    calls.add(call);
    arguments.add(new StringBuilder());
  }

  private void continueCall(String part, List<ObjectNode> chunks) {
    ObjectNode rest = JsonText.newObject().put("index", calls.size() - 1);
    rest.putObject("function").put("arguments", part);
    chunks.add(chunk(rest));
    arguments.getLast().append(part);
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
      for (int i = 0; i < calls.size(); i++) {
        ((ObjectNode) calls.get(i).get("function")).put("arguments", arguments.get(i).toString());
      }
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
