package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/**
 * DeepSeek: between its marks, up to V3 and R1 the word function, a mark, the name and a fenced
 * JSON object; since V3.1 the name, a mark and the object.
 */
record DeepSeekCalls() implements ToolFormat {
  static final String ALL_BEGIN = "<｜tool▁calls▁begin｜>";
  private static final String BEGIN = "<｜tool▁call▁begin｜>";
  private static final String SEPARATOR = "<｜tool▁sep｜>";
  private static final String END = "<｜tool▁call▁end｜>";
  private static final String ALL_END = "<｜tool▁calls▁end｜>";

  @Override
  public int begin(CharSequence text, boolean lineStart) {
    return Marks.find(text, 0, List.of(ALL_BEGIN, BEGIN));
  }

  @Override
  public List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    in.takeIf(ALL_BEGIN);
    in.skipSpace();
    in.take(BEGIN);
    String first = in.takeName();
    in.take(SEPARATOR);
    boolean fenced = first.equals("function");
    String name = fenced ? in.takeName() : first;
    in.skipSpace();
    in.takeIf("```json");
    in.skipSpace();
    Call call = JsonCalls.named(name, in.takeJson()).orElseThrow(in::notACall);
    in.skipSpace();
    in.takeIf("```");
    in.skipSpace();
    in.takeIf(END);
    in.skipSpace();
    in.takeIf(ALL_END);
    return List.of(call);
  }

  @Override
  public boolean hasSpecialMarks() {
    return true;
  }
}
