package dev.kvasir.runtime.grammar;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The tokens of a vocabulary by their bytes. Nodes are numbered in depth-first order, so a walk is
 * a loop over numbers that jumps to {@link #end} where a branch is of no interest.
 */
final class Trie {
  static final int ROOT = 0;

  private final byte[] labels;
  private final int[] depths;
  private final int[] ends;
  private final int[] tokens;

  /** By token: another one of the same bytes, or -1. */
  private final int[] twins;

  private final int[] children = new int[256];
  private final int size;

  /** The longest token, in bytes. */
  private final int most;

  /** {@code bytes[id]} is null or empty where a token has none. */
  Trie(byte[][] bytes) {
    Integer[] order = order(bytes);
    int room = 1;
    int longest = 0;
    for (Integer id : order) {
      room += bytes[id].length;
      longest = Math.max(longest, bytes[id].length);
    }
    most = longest;
    labels = new byte[room];
    depths = new int[room];
    ends = new int[room];
    tokens = new int[room];
    twins = new int[bytes.length];
    Arrays.fill(tokens, -1);
    Arrays.fill(twins, -1);
    size = insertAll(bytes, order);
    Arrays.fill(children, -1);
    for (int node = 1; node < size; node = ends[node]) {
      children[labels[node] & 0xff] = node;
    }
  }

  private static Integer[] order(byte[][] bytes) {
    return java.util.stream.IntStream.range(0, bytes.length)
        .filter(id -> bytes[id] != null && bytes[id].length > 0)
        .boxed()
        .sorted(
            Comparator.comparing((Integer id) -> bytes[id], Arrays::compareUnsigned)
                .thenComparing(Comparator.reverseOrder()))
        .toArray(Integer[]::new);
  }

  private int insertAll(byte[][] bytes, Integer[] order) {
    int count = 1;
    int[] path = new int[most + 1];
    byte[] last = {};
    for (int id : order) {
      byte[] text = bytes[id];
      int shared = shared(last, text);
      for (int depth = last.length; depth > shared; depth--) {
        ends[path[depth]] = count;
      }
      for (int depth = shared + 1; depth <= text.length; depth++) {
        labels[count] = text[depth - 1];
        depths[count] = depth;
        path[depth] = count++;
      }
      int node = path[text.length];
      twins[id] = tokens[node];
      tokens[node] = id;
      last = text;
    }
    for (int depth = last.length; depth >= 0; depth--) {
      ends[path[depth]] = count;
    }
    return count;
  }

  private static int shared(byte[] a, byte[] b) {
    int mismatch = Arrays.mismatch(a, b);
    return mismatch < 0 ? a.length : mismatch;
  }

  int size() {
    return size;
  }

  int most() {
    return most;
  }

  /** How many nodes tokens have that begin with a byte. */
  int nodesBelow(int octet) {
    int node = children[octet];
    return node < 0 ? 0 : ends[node] - node;
  }

  int label(int node) {
    return labels[node] & 0xff;
  }

  int depth(int node) {
    return depths[node];
  }

  /** The first node after this one's branch. */
  int end(int node) {
    return ends[node];
  }

  boolean hasChildren(int node) {
    return ends[node] > node + 1;
  }

  /** The token that ends at a node, or -1. */
  int token(int node) {
    return tokens[node];
  }

  /** Another token of the same bytes, or -1. */
  int twin(int token) {
    return twins[token];
  }

  /** The node that a byte leads to, or -1. */
  int child(int node, int octet) {
    if (node == ROOT) {
      return children[octet];
    }
    for (int child = node + 1; child < ends[node]; child = ends[child]) {
      if ((labels[child] & 0xff) == octet) {
        return child;
      }
    }
    return -1;
  }
}
