package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/**
 * Llama 3: a JSON object on a line of its own, which often has no mark before it. So an object
 * counts as a call only where it names a tool that the request offers.
 */
record LlamaJson() implements ToolFormat {
  private static final String MARK = "<|python_tag|>";
  private static final List<String> KEYS =
      List.of("\"name\"", "\"type\"", "\"function\"", "\"parameters\"", "\"arguments\"");

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    int mark = Marks.find(text, 0, List.of(MARK));
    return Math.min(mark, Marks.findOnLineStart(text, lineStart, '{'));
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    boolean marked = in.takeIf(MARK);
    in.skipSpace();
    peekAtKey(in);
    List<Call> calls = JsonCalls.of(in.takeJson());
    boolean known = calls.stream().allMatch(call -> tools.has(call.name()));
    if (calls.isEmpty() || !(marked || known)) {
      throw in.notACall();
    }
    in.skipSpace();
    in.takeIf(";");
    return calls;
  }

  /** Lets an object that is no call go at its first key, so that JSON content isn't held back. */
  private static void peekAtKey(Cursor in) throws NeedMoreText, NotACall {
    int start = in.position();
    in.take("{");
    in.skipSpace();
    if (!in.takeIfAny(KEYS)) {
      throw in.notACall();
    }
    in.back(start);
  }

  @Override
  public boolean hasSpecialMarks() {
    return true;
  }
}
