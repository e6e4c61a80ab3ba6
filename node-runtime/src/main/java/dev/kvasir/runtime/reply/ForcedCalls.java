package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/** Calls that a grammar has the model write: JSON objects, with a separator in between. */
public record ForcedCalls() implements ToolFormat {
  /** Between two calls. */
  public static final String SEPARATOR = "\n";

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    return Marks.findOnLineStart(text, lineStart, '{');
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    List<Call> calls = JsonCalls.of(in.takeJson());
    if (calls.isEmpty()) {
      throw in.notACall();
    }
    return calls;
  }

  @Override
  public String readBeginning(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    return JsonCalls.nameBeforeArguments(in, tools);
  }

  @Override
  public void readEnd(Cursor in) throws NeedMoreText, NotACall {
    in.skipSpace();
    in.takeIf("}");
  }

  @Override
  public boolean hasSpecialMarks() {
    return false;
  }
}
