package dev.kvasir.runtime.grammar;

import java.nio.charset.StandardCharsets;

/** A fixed text, with places where one space may come. The state is the next place. */
final class Literal implements Leaf {
  /** In a pattern: one space or nothing. */
  static final char OPTIONAL_SPACE = '\uffff';

  private static final short OPTIONAL = 0x100;

  private final short[] pattern;
  private final int[] costs;

  private Literal(short[] pattern, Vocabulary vocabulary) {
    this.pattern = pattern;
    this.costs = costs(vocabulary);
  }

  /** What the text says, with {@link #OPTIONAL_SPACE} taken literally as its meaning. */
  static Literal of(String text, Vocabulary vocabulary) {
    int length = 0;
    short[] pattern = new short[text.length() * 3];
    for (int i = 0; i < text.length(); ) {
      int character = text.codePointAt(i);
      i += Character.charCount(character);
      if (character == OPTIONAL_SPACE) {
        pattern[length++] = OPTIONAL;
      } else {
        for (byte octet : Character.toString(character).getBytes(StandardCharsets.UTF_8)) {
          pattern[length++] = (short) (octet & 0xff);
        }
      }
    }
    return new Literal(java.util.Arrays.copyOf(pattern, length), vocabulary);
  }

  private int[] costs(Vocabulary vocabulary) {
    int[] least = new int[pattern.length + 1];
    for (int from = pattern.length - 1; from >= 0; from--) {
      least[from] =
          pattern[from] == OPTIONAL ? least[from + 1] : cost(vocabulary.trie(), from, least);
    }
    return least;
  }

  private int cost(Trie trie, int from, int[] least) {
    int best = Costs.plus(1, least[from + 1]);
    int node = Trie.ROOT;
    for (int i = from; i < pattern.length && node >= 0; i++) {
      if (pattern[i] != OPTIONAL) {
        node = trie.child(node, pattern[i]);
        if (node >= 0 && trie.token(node) >= 0) {
          best = Math.min(best, Costs.plus(1, least[i + 1]));
        }
      }
    }
    return best;
  }

  @Override
  public long start() {
    return 0;
  }

  @Override
  public long step(long state, int octet) {
    for (int i = (int) state; i < pattern.length; i++) {
      if (pattern[i] == octet || (pattern[i] == OPTIONAL && octet == ' ')) {
        return i + 1L;
      }
      if (pattern[i] != OPTIONAL) {
        return DEAD;
      }
    }
    return DEAD;
  }

  @Override
  public boolean accepts(long state) {
    int i = (int) state;
    while (i < pattern.length && pattern[i] == OPTIONAL) {
      i++;
    }
    return i == pattern.length;
  }

  @Override
  public boolean goesOn(long state) {
    return state < pattern.length;
  }

  @Override
  public int cost(long state) {
    return costs[(int) state];
  }
}
