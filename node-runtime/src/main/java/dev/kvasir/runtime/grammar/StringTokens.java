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

  /** Tokens that end between two characters and leave the string open. */
  private final ByCount open;

  /** Tokens that end with the string. */
  private final ByCount closing;

  /** Tokens that end within a character: the token, its characters and the bytes that it lacks. */
  private final IntList partial = new IntList();

  /** What tokens say behind the end of the string. */
  private final Suffixes suffixes;

  /** Tokens by the characters that they begin. */
  static final class ByCount {
    /** By a number of characters: tokens that begin no more. */
    private final List<long[]> upTo = new ArrayList<>();

    /** Which numbers there are tokens of. */
    private final boolean[] any;

    private final IntList longTokens = new IntList();
    private final IntList longCounts = new IntList();

    private ByCount(int levels, int words) {
      for (int level = 0; level < levels; level++) {
        upTo.add(new long[words]);
      }
      any = new boolean[levels];
    }

    private void add(int id, int count) {
      if (count < upTo.size()) {
        upTo.get(count)[id >> 6] |= 1L << id;
        any[count] = true;
      } else {
        longTokens.add(id);
        longCounts.add(count);
      }
    }

    private void accumulate() {
      for (int level = 1; level < upTo.size(); level++) {
        long[] below = upTo.get(level - 1);
        long[] bits = upTo.get(level);
        Arrays.setAll(bits, word -> bits[word] | below[word]);
      }
    }

    /** Adds those of so many characters; whether there are any. */
    boolean addTo(long[] bits, int least, int most) {
      int last = Math.min(most, any.length - 1);
      boolean some = addLong(bits, least, most);
      boolean here = false;
      for (int count = least; count <= last && !here; count++) {
        here = any[count];
      }
      if (here) {
        addLevels(bits, least, last);
      }
      return here || some;
    }

    private void addLevels(long[] bits, int least, int last) {
      long[] with = upTo.get(last);
      int words = Math.min(bits.length, with.length);
      if (least == 0) {
        for (int word = 0; word < words; word++) {
          bits[word] |= with[word];
        }
      } else {
        long[] without = upTo.get(least - 1);
        for (int word = 0; word < words; word++) {
          bits[word] |= with[word] & ~without[word];
        }
      }
    }

    private boolean addLong(long[] bits, int least, int most) {
      boolean some = false;
      for (int i = 0; i < longTokens.size(); i++) {
        int id = longTokens.get(i);
        int count = longCounts.get(i);
        if (count >= least && count <= most && id >> 6 < bits.length) {
          bits[id >> 6] |= 1L << id;
          some = true;
        }
      }
      return some;
    }

    /** The largest number up to {@code most} that there are tokens of, or -1. */
    int largest(int most) {
      for (int count = Math.min(most, any.length - 1); count >= 0; count--) {
        if (any[count]) {
          return count;
        }
      }
      return -1;
    }
  }

  StringTokens(Vocabulary vocabulary, StringPlaces places) {
    int words = (vocabulary.size() + 63) / 64;
    int levels = Math.min(MOST_LEVELS, vocabulary.longestToken() + 1) + 1;
    open = new ByCount(levels, words);
    closing = new ByCount(levels, words);
    suffixes = new Suffixes();
    read(vocabulary.trie(), vocabulary.longestToken() + 1, places);
    suffixes.finish();
    open.accumulate();
    closing.accumulate();
  }

  private void read(Trie trie, int longest, StringPlaces places) {
    int[] placeAt = new int[longest + 1];
    int[] countAt = new int[longest + 1];
    placeAt[0] = StringPlaces.NEXT;
    for (int node = 1; node < trie.size(); ) {
      int depth = trie.depth(node);
      int before = placeAt[depth - 1];
      int place = before == StringPlaces.END ? -1 : places.next(before, trie.label(node));
      if (place < 0) {
        node = trie.end(node);
        continue;
      }
      boolean begins = before == StringPlaces.NEXT && place != StringPlaces.END;
      placeAt[depth] = place;
      countAt[depth] = countAt[depth - 1] + (begins ? 1 : 0);
      add(trie, node, place, countAt[depth]);
      if (place == StringPlaces.END) {
        suffixes.addBelow(trie, node, countAt[depth]);
      }
      node++;
    }
  }

  private void add(Trie trie, int node, int place, int count) {
    for (int id = trie.token(node); id >= 0; id = trie.twin(id)) {
      switch (place) {
        case StringPlaces.NEXT -> open.add(id, count);
        case StringPlaces.END -> closing.add(id, count);
        default -> {
          partial.add(id);
          partial.add(count);
          partial.add(StringPlaces.pending(place));
        }
      }
    }
  }

  ByCount open() {
    return open;
  }

  ByCount closing() {
    return closing;
  }

  /** Adds tokens that end within a character where the way on takes no more than so many tokens. */
  boolean addPartial(long[] bits, int min, int max, int affordable) {
    boolean some = false;
    for (int i = 0; i < partial.size(); i += 3) {
      int id = partial.get(i);
      int count = partial.get(i + 1);
      int cost = partial.get(i + 2) + StringLeaf.costInside(Math.max(0, min - count));
      if (count <= max && cost <= affordable && id >> 6 < bits.length) {
        bits[id >> 6] |= 1L << id;
        some = true;
      }
    }
    return some;
  }

  Suffixes suffixes() {
    return suffixes;
  }
}
