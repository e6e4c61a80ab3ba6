package dev.kvasir.runtime.sampling;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Which tokens may be drawn and which are favoured.
 *
 * @param biases added to the logits of {@code biasedIds}; both null for none
 * @param allowed bit set over the vocabulary; null allows all
 * @param badWords token sequences whose last token is barred where the output ends in the others
 * @param minTokens {@code endIds} are barred until so many tokens are there
 * @param endIds EOS and stop ids
 */
public record TokenRules(
    int[] biasedIds,
    float[] biases,
    long[] allowed,
    int[][] badWords,
    int minTokens,
    int[] endIds) {
  private static final int[] NO_IDS = {};
  public static final TokenRules NONE = new TokenRules(null, null, null, new int[0][], 0, NO_IDS);

  public TokenRules withMinTokens(int least, int[] ends) {
    return new TokenRules(biasedIds, biases, allowed, badWords, least, ends);
  }

  public TokenRules withBiases(int[] ids, float[] values) {
    return new TokenRules(ids, values, allowed, badWords, minTokens, endIds);
  }

  public TokenRules withAllowed(long[] bits) {
    return new TokenRules(biasedIds, biases, bits, badWords, minTokens, endIds);
  }

  public TokenRules withBadWords(int[][] words) {
    return new TokenRules(biasedIds, biases, allowed, words, minTokens, endIds);
  }

  /** Whether all that is allowed is barred at the first token. */
  public boolean allowNothing() {
    if (allowed == null) {
      return false;
    }
    BitSet left = BitSet.valueOf(allowed);
    int[] barred = barredAfter(NO_IDS, 0, 0, 0);
    for (int id : barred == null ? NO_IDS : barred) {
      left.clear(id);
    }
    return left.isEmpty();
  }

  /**
   * The ids that may not come next; null where none is barred.
   *
   * @param tokens holds the output from {@code from} up to {@code to}
   * @param outputPosition of the next token: more than those where some are not known yet
   */
  public int[] barredAfter(int[] tokens, int from, int to, int outputPosition) {
    int[] barred = outputPosition < minTokens ? endIds : NO_IDS;
    for (int[] word : badWords) {
      if (endsWithBeginning(tokens, from, to, word)) {
        barred = Arrays.copyOf(barred, barred.length + 1);
        barred[barred.length - 1] = word[word.length - 1];
      }
    }
    return barred.length == 0 ? null : barred;
  }

  /** Whether what is barred depends on which tokens came before. */
  public boolean lookBack() {
    for (int[] word : badWords) {
      if (word.length > 1) {
        return true;
      }
    }
    return false;
  }

  private static boolean endsWithBeginning(int[] tokens, int from, int to, int[] word) {
    int start = to - (word.length - 1);
    return start >= from && Arrays.equals(tokens, start, to, word, 0, word.length - 1);
  }
}
