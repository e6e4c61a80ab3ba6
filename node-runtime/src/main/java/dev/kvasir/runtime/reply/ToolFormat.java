package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Call;
import java.util.List;

/** How a family of models writes the calls of tools. Without state: a {@link ToolReader} has it. */
public sealed interface ToolFormat
    permits MarkedJson, LlamaJson, MistralCalls, QwenXml, Pythonic, DeepSeekCalls, ForcedCalls {

  /**
   * The first index where a call may begin, as far as can be seen; the text's length where there is
   * none.
   *
   * @param lineStart whether the text's first character is the first on its line but for spaces
   */
  int begin(CharSequence text, boolean lineStart);

  /** Reads the calls that begin at the cursor, at least one. */
  List<Call> read(Cursor in, Tools tools) throws NeedMoreText, NotACall;

  /**
   * Reads what stands before the arguments of a single call of a tool that is offered, so that they
   * can be passed on while they are written.
   *
   * @return the tool's name; null where calls are not written like that
   */
  default String readBeginning(Cursor in, Tools tools) throws NeedMoreText, NotACall {
    return null;
  }

  /** Reads what stands behind them. */
  default void readEnd(Cursor in) throws NeedMoreText, NotACall {
    throw new IllegalStateException("no call has begun");
  }

  /** Whether its marks are special tokens, which are usually left out of the text. */
  boolean hasSpecialMarks();

  /** Whether its templates take ids of nine letters and digits only. */
  default boolean hasBareIds() {
    return false;
  }
}
