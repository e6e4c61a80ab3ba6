package dev.kvasir.runtime.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens that end a string and go on, by what they say behind its end: few texts for many tokens,
 * so a position is asked about each text once.
 */
final class Suffixes {
  private final Map<String, Integer> numbers = new HashMap<>();
  private final List<byte[]> texts = new ArrayList<>();

  /** By text: tokens with the characters that each has before the end. */
  private final List<IntList> tokens = new ArrayList<>();

  private Trie trie;

  /** Adds the tokens below a node at which the string ends. */
  void addBelow(Trie vocabulary, int node, int count) {
    byte[] path = new byte[vocabulary.most()];
    int from = vocabulary.depth(node);
    for (int below = node + 1; below < vocabulary.end(node); below++) {
      int length = vocabulary.depth(below) - from;
      path[length - 1] = (byte) vocabulary.label(below);
      for (int id = vocabulary.token(below); id >= 0; id = vocabulary.twin(id)) {
        add(java.util.Arrays.copyOf(path, length), id, count);
      }
    }
  }

  private void add(byte[] text, int id, int count) {
    int number =
        numbers.computeIfAbsent(
            new String(text, StandardCharsets.ISO_8859_1),
            key -> {
              texts.add(text);
              tokens.add(new IntList());
              return texts.size() - 1;
            });
    tokens.get(number).add(id);
    tokens.get(number).add(count);
  }

  void finish() {
    trie = new Trie(texts.toArray(byte[][]::new));
    numbers.clear();
  }

  /** Of the texts; its tokens are their numbers. */
  Trie trie() {
    return trie;
  }

  /** Sets the bits of a text's tokens with so many characters before; whether there are any. */
  boolean addTo(long[] bits, int text, int min, int max) {
    IntList all = tokens.get(text);
    boolean some = false;
    for (int i = 0; i < all.size(); i += 2) {
      int id = all.get(i);
      int count = all.get(i + 1);
      if (count >= min && count <= max && id >> 6 < bits.length) {
        bits[id >> 6] |= 1L << id;
        some = true;
      }
    }
    return some;
  }
}
