package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/**
 * Calls in Python: {@code [f(x=1), g()]} on a line of its own, or in a fence named tool_code as
 * Gemma writes it. They count only where the request offers all of the tools.
 */
record Pythonic() implements ToolFormat {
  private static final String FENCE = "```tool_code";
  private static final String START = "<|python_start|>";
  private static final String END = "<|python_end|>";

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    int mark = Marks.find(text, 0, List.of(START, FENCE));
    return Math.min(mark, Marks.findOnLineStart(text, lineStart, '['));
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.takeIf(START);
    boolean fenced = in.takeIf(FENCE);
    in.skipSpace();
    int start = in.position();
    boolean list = in.takeIf("[");
    if (!list && !fenced) {
      throw in.notACall();
    }
    peekAtName(in, tools);
    in.back(start);
    List<Call> calls = PythonCalls.of(list ? in.takePython() : in.takeName() + in.takePython());
    if (calls.isEmpty() || !calls.stream().allMatch(call -> tools.has(call.name()))) {
      throw in.notACall();
    }
    in.skipSpace();
    in.takeIf(fenced ? "```" : END);
    return calls;
  }

  /** Lets a list that is no call go at once, so that content isn't held back. */
  private static void peekAtName(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.skipSpace();
    if (!tools.has(in.takeName()) || !in.nextIs('(')) {
      throw in.notACall();
    }
  }

  @Override
  public boolean hasSpecialMarks() {
    return true;
  }
}
