package dev.kvasir.runtime.grammar;

/**
 * What an answer may be, compiled for one vocabulary. Immutable and thread-safe; each sequence that
 * follows it has a {@link GrammarState}.
 */
public final class Grammar {
  private final Rule root;
  private final Vocabulary vocabulary;
  private final MaskMaker masks;
  private final int size;

  Grammar(Rule root, Vocabulary vocabulary, MaskMaker masks, int size) {
    this.root = root;
    this.vocabulary = vocabulary;
    this.masks = masks;
    this.size = size;
  }

  /**
   * A text that follows this grammar, at its beginning.
   *
   * @param endTokens the model's EOS ids: they may be drawn where the text may end, and nowhere
   *     else
   * @param vocabularySize of the model's logits: bits in a mask
   */
  public GrammarState newState(java.util.Set<Integer> endTokens, int vocabularySize) {
    return new GrammarState(this, endTokens, vocabularySize);
  }

  Rule root() {
    return root;
  }

  Vocabulary vocabulary() {
    return vocabulary;
  }

  MaskMaker masks() {
    return masks;
  }

  /** States of its automata: about what it weighs in memory. */
  int size() {
    return size;
  }
}
