package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;

/** A finite set of texts. A state is a range of the sorted texts and how many bytes were seen. */
final class FixedTexts implements TextSet {
  private final List<byte[]> sorted;

  private record Prefix(int from, int to, int length) {}

  FixedTexts(Collection<byte[]> texts) {
    sorted = new ArrayList<>(texts);
    sorted.sort(Arrays::compareUnsigned);
  }

  @Override
  public Object start() {
    return new Prefix(0, sorted.size(), 0);
  }

  @Override
  public Object after(Object state, int octet) {
    Prefix prefix = (Prefix) state;
    int from = prefix.from;
    while (from < prefix.to && octetAt(from, prefix.length) < octet) {
      from++;
    }
    int to = from;
    while (to < prefix.to && octetAt(to, prefix.length) == octet) {
      to++;
    }
    return from == to ? null : new Prefix(from, to, prefix.length + 1);
  }

  /** -1 past the end, which sorts first. */
  private int octetAt(int text, int place) {
    byte[] bytes = sorted.get(text);
    return place < bytes.length ? bytes[place] & 0xff : -1;
  }

  @Override
  public boolean accepts(Object state) {
    Prefix prefix = (Prefix) state;
    return prefix.from < prefix.to && sorted.get(prefix.from).length == prefix.length;
  }

  @Override
  public void markBoundaries(boolean[] starts) {
    for (byte[] text : sorted) {
      for (byte octet : text) {
        starts[octet & 0xff] = true;
        starts[Math.min(255, (octet & 0xff) + 1)] = true;
      }
    }
  }
}
