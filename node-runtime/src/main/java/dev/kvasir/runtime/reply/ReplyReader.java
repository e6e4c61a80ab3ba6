package dev.kvasir.runtime.reply;

import dev.kvasir.runtime.reply.ReplyPart.Content;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Reads one reply while it is written. However the text is cut into pieces, the same parts come out
 * of it, so a stream says what a whole answer says.
 */
public final class ReplyReader {
  private final List<ReplyPart> parts = new ArrayList<>();
  private final ToolReader tools;
  private final ReasoningReader reasoning;

  /**
   * @param reasoning null where the text is not looked through for reasoning
   * @param opened whether the prompt has opened the reasoning
   * @param format null where the text is not looked through for calls
   */
  public ReplyReader(ReasoningFormat reasoning, boolean opened, ToolFormat format, Tools offered) {
    this.tools = format == null ? null : new ToolReader(format, offered, parts::add);
    this.reasoning =
        reasoning == null
            ? null
            : new ReasoningReader(reasoning, opened, parts::add, this::behindReasoning);
  }

  /** What is certain once this text has come. */
  public List<ReplyPart> append(String text) {
    Consumer<String> first = reasoning == null ? this::behindReasoning : reasoning::append;
    first.accept(text);
    return taken();
  }

  /** What was held back. */
  public List<ReplyPart> finish() {
    if (reasoning != null) {
      reasoning.finish();
    }
    if (tools != null) {
      tools.finish();
    }
    return taken();
  }

  /** Whether the text has come to within the reasoning. */
  public boolean isReasoning() {
    return reasoning != null && reasoning.isInside();
  }

  private void behindReasoning(String text) {
    if (tools != null) {
      tools.append(text);
    } else if (!text.isEmpty()) {
      parts.add(new Content(text));
    }
  }

  private List<ReplyPart> taken() {
    List<ReplyPart> taken = List.copyOf(parts);
    parts.clear();
    return taken;
  }
}
