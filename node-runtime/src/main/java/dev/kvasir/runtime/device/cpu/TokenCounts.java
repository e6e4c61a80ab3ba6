package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * Which tokens a sequence has, and how often its output has each: what penalties look at. An open
 * hash table, so that it takes room for the tokens there are and not for the vocabulary.
 */
final class TokenCounts {
  private static final int FREE = -1;
  private int[] ids = new int[64];
  private int[] outputCounts = new int[64];
  private int size;

  TokenCounts() {
    clear();
  }

  private void clear() {
    Arrays.fill(ids, FREE);
    Arrays.fill(outputCounts, 0);
    size = 0;
  }

  /** Begins anew with a sequence's tokens, of which the first are its prompt. */
  void reset(int[] history, int promptLength) {
    clear();
    for (int i = 0; i < history.length; i++) {
      add(history[i], i < promptLength ? 0 : 1);
    }
  }

  void addOutput(int token) {
    add(token, 1);
  }

  private void add(int token, int occurrences) {
    int place = place(token);
    if (ids[place] == FREE) {
      if (2 * (size + 1) > ids.length) {
        grow();
        place = place(token);
      }
      ids[place] = token;
      size++;
    }
    outputCounts[place] += occurrences;
  }

  private int place(int token) {
    int mask = ids.length - 1;
    int place = (token * 0x9E3779B9) >>> 7 & mask;
    while (ids[place] != FREE && ids[place] != token) {
      place = (place + 1) & mask;
    }
    return place;
  }

  private void grow() {
    int[] oldIds = ids;
    int[] oldCounts = outputCounts;
    ids = new int[2 * oldIds.length];
    outputCounts = new int[2 * oldIds.length];
    Arrays.fill(ids, FREE);
    for (int i = 0; i < oldIds.length; i++) {
      if (oldIds[i] != FREE) {
        int place = place(oldIds[i]);
        ids[place] = oldIds[i];
        outputCounts[place] = oldCounts[i];
      }
    }
  }

  /** Takes the penalties off a row of logits, in vLLM's order. */
  void penalize(float[] logits, float repetition, float presence, float frequency) {
    for (int i = 0; i < ids.length; i++) {
      int id = ids[i];
      if (id == FREE) {
        continue;
      }
      float logit = logits[id];
      logit = logit > 0 ? logit / repetition : logit * repetition;
      if (outputCounts[i] > 0) {
        logit -= frequency * outputCounts[i];
        logit -= presence;
      }
      logits[id] = logit;
    }
  }
}
