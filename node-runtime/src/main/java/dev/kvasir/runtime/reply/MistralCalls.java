package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/**
 * Mistral: {@code [TOOL_CALLS]} and a list of calls as JSON, or since the tokenizer's version 11 a
 * name, maybe {@code [CALL_ID]id} and {@code [ARGS]}, and the arguments.
 */
record MistralCalls() implements ToolFormat {
  private static final String MARK = "[TOOL_CALLS]";

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    return Marks.find(text, 0, List.of(MARK));
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.take(MARK);
    in.skipSpace();
    List<Call> calls = in.nextIs('[') || in.nextIs('{') ? list(in) : List.of(named(in));
    in.skipSpace();
    return calls;
  }

  private static List<Call> list(Cursor in) throws NeedMoreText, NotACall {
    List<Call> calls = JsonCalls.of(in.takeJson());
    if (calls.isEmpty()) {
      throw in.notACall();
    }
    return calls;
  }

  private static Call named(Cursor in) throws NeedMoreText, NotACall {
    String name = in.takeName();
    in.skipSpace();
    if (in.takeIf("[CALL_ID]")) {
      in.takeName();
    }
    in.takeIf("[ARGS]");
    in.skipSpace();
    return JsonCalls.named(name, in.takeJson()).orElseThrow(in::notACall);
  }

  @Override
  public boolean hasBareIds() {
    return true;
  }

  @Override
  public boolean hasSpecialMarks() {
    return true;
  }
}
