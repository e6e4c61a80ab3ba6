package dev.kvasir.runtime.grammar;

import java.util.Arrays;
import java.util.Set;

/**
 * How far one sequence has come in its grammar. {@link #accept} takes the tokens in turn, {@link
 * #mask} says which may be next: a function of the tokens taken and the tokens that remain alone,
 * so a sequence that is computed again after a preemption keeps its state. Not thread-safe.
 */
public final class GrammarState {
  private final Grammar grammar;
  private final int[] endTokens;
  private final long[] bits;
  private Position position;
  private boolean ended;

  GrammarState(Grammar grammar, Set<Integer> endTokens, int vocabularySize) {
    this.grammar = grammar;
    this.endTokens =
        endTokens.stream()
            .mapToInt(Integer::intValue)
            .filter(id -> id >= 0 && id < vocabularySize)
            .toArray();
    this.bits = new long[(vocabularySize + 63) / 64];
    this.position = Position.start(grammar.root());
  }

  /**
   * The tokens that may come next, a bit each, in an array that the next call overwrites.
   *
   * @param remainingTokens how many more the sequence may have, at least 1. As they run out, only
   *     tokens are allowed after which the text can still be brought to its end. None is where the
   *     vocabulary can't spell what must come
   */
  public long[] mask(int remainingTokens) {
    Arrays.fill(bits, 0);
    boolean canEnd = position.isComplete() && endTokens.length > 0;
    if (canEnd) {
      for (int id : endTokens) {
        bits[id >> 6] |= 1L << id;
      }
    }
    grammar.masks().fill(position, remainingTokens - 1, canEnd, bits);
    return bits;
  }

  /** Takes a token; false where it does not fit, and then nothing changes. */
  public boolean accept(int token) {
    if (position.isComplete() && isEnd(token)) {
      ended = true;
      return true;
    }
    Position next = after(token);
    if (next == null || ended) {
      return false;
    }
    position = next;
    return true;
  }

  private boolean isEnd(int token) {
    return Arrays.stream(endTokens).anyMatch(id -> id == token);
  }

  private Position after(int token) {
    byte[] bytes = grammar.vocabulary().bytes(token);
    if (bytes == null) {
      return position.stepSpecial(token);
    }
    Position next = position;
    for (int i = 0; i < bytes.length && next != null; i++) {
      next = next.stepOnce(bytes[i] & 0xff);
    }
    return next;
  }

  /** Whether the text is a whole one of the grammar. */
  public boolean isComplete() {
    return position.isComplete();
  }

  /** Whether it is and nothing can follow, so that no end token has to be drawn. */
  public boolean isOver() {
    return ended || position.isOver();
  }
}
