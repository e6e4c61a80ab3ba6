package dev.kvasir.runtime.http;

import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.reply.ReasoningFormat;
import dev.kvasir.runtime.reply.ReplyReader;
import dev.kvasir.runtime.reply.ToolFormat;
import dev.kvasir.runtime.reply.Tools;

/**
 * How a chat's replies are read.
 *
 * @param opened whether the prompt has opened the reasoning
 * @param showReasoning whether the answer carries the reasoning
 * @param tools null where the text is not looked through for calls
 * @param calls what a reply has to be that must call a tool; null where it needn't
 * @param parallel whether more than the first call counts
 * @param bareIds whether the model's template takes ids of nine letters and digits only
 */
record ReplyRules(
    ReasoningFormat reasoning,
    boolean opened,
    boolean showReasoning,
    ToolFormat tools,
    Tools offered,
    GrammarSpec calls,
    boolean parallel,
    boolean bareIds) {

  ReplyReader reader() {
    return new ReplyReader(reasoning, opened, tools, offered);
  }

  /** Marks that are special tokens must stay in the text to be seen. */
  boolean needsSpecialTokens() {
    return (tools != null && tools.hasSpecialMarks()) || (reasoning != null && reasoning.special());
  }
}
