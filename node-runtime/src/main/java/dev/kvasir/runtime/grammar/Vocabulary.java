package dev.kvasir.runtime.grammar;

/** What each token of a model spells, in bytes. Immutable; building it sorts the tokens. */
public final class Vocabulary {
  private final byte[][] tokens;
  private final Trie trie;
  private final int longestToken;

  /**
   * @param tokens by id; null where a token spells nothing that belongs to an answer (special
   *     tokens, ids that are not used)
   */
  public Vocabulary(byte[][] tokens) {
    this.tokens = tokens;
    this.trie = new Trie(tokens);
    int longest = 0;
    for (byte[] token : tokens) {
      longest = token == null ? longest : Math.max(longest, token.length);
    }
    this.longestToken = longest;
  }

  public int size() {
    return tokens.length;
  }

  /** The bytes of a token, or null. */
  byte[] bytes(int id) {
    return id >= 0 && id < tokens.length ? tokens[id] : null;
  }

  Trie trie() {
    return trie;
  }

  /** In bytes. */
  int longestToken() {
    return longestToken;
  }
}
