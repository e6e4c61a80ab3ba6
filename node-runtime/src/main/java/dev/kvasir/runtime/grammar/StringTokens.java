package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The tokens that fit inside of a JSON string, by how many characters they begin: what fits where
 * the length is bounded can be read off, whatever the bounds.
 */
final class StringTokens {
  /** Tokens of more characters are looked at one by one. */
  private static final int MOST_LEVELS = 64;

  /** By a number of characters: tokens that begin no more and don't end the string. */
  private final List<long[]> upTo = new ArrayList<>();

  private final IntList longTokens = new IntList();
  private final IntList longCounts = new IntList();

  /** Nodes of the trie at which the string ends, and the characters before. */
  private final IntList exits = new IntList();

  private final IntList exitCounts = new IntList();

  StringTokens(Vocabulary vocabulary) {
    int words = (vocabulary.size() + 63) / 64;
    Trie trie = vocabulary.trie();
    JsonString string = new JsonString(0, JsonString.UNLIMITED);
    int most = vocabulary.longestToken() + 1;
    for (int level = 0; level <= Math.min(MOST_LEVELS, most); level++) {
      upTo.add(new long[words]);
    }
    LeafWalk walk = new LeafWalk(string, JsonString.inside(0, most), trie);
    while (walk.advance()) {
      if (string.accepts(walk.state())) {
        exits.add(walk.node());
        exitCounts.add(most - JsonString.max(walk.stateBefore()));
      } else {
        addTokens(trie, trie.token(walk.node()), most - JsonString.max(walk.state()));
      }
    }
    accumulate();
  }

  private void addTokens(Trie trie, int token, int count) {
    for (int id = token; id >= 0; id = trie.twin(id)) {
      if (count < upTo.size()) {
        upTo.get(count)[id >> 6] |= 1L << id;
      } else {
        longTokens.add(id);
        longCounts.add(count);
      }
    }
  }

  private void accumulate() {
    for (int level = 1; level < upTo.size(); level++) {
      long[] below = upTo.get(level - 1);
      long[] bits = upTo.get(level);
      Arrays.setAll(bits, word -> bits[word] | below[word]);
    }
  }

  /** Adds the tokens that begin at most so many characters and leave the string open. */
  void addInside(int max, long[] bits) {
    long[] tokens = upTo.get(Math.min(max, upTo.size() - 1));
    int words = Math.min(bits.length, tokens.length);
    for (int word = 0; word < words; word++) {
      bits[word] |= tokens[word];
    }
    for (int i = 0; i < longTokens.size(); i++) {
      int id = longTokens.get(i);
      if (longCounts.get(i) <= max && id >> 6 < bits.length) {
        bits[id >> 6] |= 1L << id;
      }
    }
  }

  int exits() {
    return exits.size();
  }

  int exit(int index) {
    return exits.get(index);
  }

  /** Characters that the string has gained before it ends there. */
  int charactersBefore(int index) {
    return exitCounts.get(index);
  }
}
