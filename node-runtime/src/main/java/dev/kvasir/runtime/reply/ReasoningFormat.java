package dev.kvasir.runtime.reply;

/**
 * The marks around a model's reasoning.
 *
 * @param assumed whether a reply begins with reasoning even where nothing opens it
 * @param special whether the marks are special tokens, which are usually left out of the text
 */
public record ReasoningFormat(String opening, String closing, boolean assumed, boolean special) {

  /** Whether a reply to this prompt begins within the reasoning: the template has opened it. */
  public boolean isOpenedBy(String prompt) {
    String end = prompt.stripTrailing();
    return end.endsWith(opening) || (assumed && !end.endsWith(closing));
  }
}
