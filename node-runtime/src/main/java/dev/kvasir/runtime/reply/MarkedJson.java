package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/**
 * A mark, then a call as JSON or a list of them, and most often a mark behind it: Hermes and Qwen
 * ({@code <tool_call>}), Phi-4-mini ({@code functools}), Granite and others.
 */
record MarkedJson(List<String> opening, List<String> closing, boolean hasSpecialMarks)
    implements ToolFormat {

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    return Marks.find(text, 0, opening);
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    if (!in.takeIfAny(opening)) {
      throw in.notACall();
    }
    in.skipSpace();
    List<Call> calls = JsonCalls.of(in.takeJson());
    if (calls.isEmpty()) {
      throw in.notACall();
    }
    in.skipSpace();
    in.takeIfAny(closing);
    return calls;
  }

  @Override
  public String readBeginning(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    if (!in.takeIfAny(opening)) {
      throw in.notACall();
    }
    in.skipSpace();
    return JsonCalls.nameBeforeArguments(in, tools);
  }

  @Override
  public void readEnd(Cursor in) throws NeedMoreText, NotACall {
    in.skipSpace();
    in.takeIf("}");
    in.skipSpace();
    in.takeIfAny(closing);
  }
}
