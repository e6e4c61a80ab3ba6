package dev.kvasir.runtime.grammar;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** A regular expression as a nondeterministic automaton over the bytes of an encoding. */
final class Nfa {
  private static final int MOST_STATES = 100_000;

  private final Encoding encoding;
  private final Budget budget;

  /** By state: from byte, to byte, target, and so on. */
  private final List<IntList> edges = new ArrayList<>();

  private final List<IntList> free = new ArrayList<>();
  private final List<IntList> atBeginning = new ArrayList<>();
  private final List<IntList> atEnding = new ArrayList<>();

  Nfa(Encoding encoding, Budget budget) {
    this.encoding = encoding;
    this.budget = budget;
  }

  int newState() throws GrammarException {
    if (edges.size() == MOST_STATES) {
      throw new GrammarException(
          "a regular expression needs more than " + MOST_STATES + " states: lower its repetitions");
    }
    budget.spend(1);
    edges.add(new IntList());
    free.add(new IntList());
    atBeginning.add(new IntList());
    atEnding.add(new IntList());
    return edges.size() - 1;
  }

  int size() {
    return edges.size();
  }

  int[] edges(int state) {
    return edges.get(state).toArray();
  }

  int[] free(int state) {
    return free.get(state).toArray();
  }

  int[] atBeginning(int state) {
    return atBeginning.get(state).toArray();
  }

  int[] atEnding(int state) {
    return atEnding.get(state).toArray();
  }

  /** Adds what the expression takes after a state; the state after it. */
  int add(Regex regex, int from) throws GrammarException {
    budget.spend(1);
    return switch (regex) {
      case Regex.Empty e -> from;
      case Regex.Characters characters -> {
        int to = newState();
        characters(from, characters.set(), to);
        yield to;
      }
      case Regex.Sequence sequence -> {
        int at = from;
        for (Regex part : sequence.parts()) {
          at = add(part, at);
        }
        yield at;
      }
      case Regex.Either either -> {
        int end = newState();
        for (Regex part : either.parts()) {
          int begin = newState();
          free.get(from).add(begin);
          free.get(add(part, begin)).add(end);
        }
        yield end;
      }
      case Regex.Repeated repeated -> repeated(repeated, from);
      case Regex.Beginning b -> {
        int to = newState();
        atBeginning.get(from).add(to);
        yield to;
      }
      case Regex.Ending e -> {
        int to = newState();
        atEnding.get(from).add(to);
        yield to;
      }
    };
  }

  private int repeated(Regex.Repeated repeated, int from) throws GrammarException {
    int at = from;
    for (int i = 0; i < repeated.least(); i++) {
      at = add(repeated.part(), at);
    }
    if (repeated.most() == Regex.UNBOUNDED) {
      int loop = newState();
      free.get(at).add(loop);
      free.get(add(repeated.part(), loop)).add(loop);
      return loop;
    }
    int end = newState();
    free.get(at).add(end);
    for (int i = repeated.least(); i < repeated.most(); i++) {
      int begin = newState();
      free.get(at).add(begin);
      at = add(repeated.part(), begin);
      free.get(at).add(end);
    }
    return end;
  }

  private void characters(int from, CodePoints set, int to) throws GrammarException {
    for (CodePoints.Range range : encoding.plain(set).ranges()) {
      plain(from, range.from(), range.to(), to);
    }
    for (CodePoints.Range range : encoding.escaped(set).ranges()) {
      for (int c = range.from(); c <= range.to(); c++) {
        text(from, encoding.spelled(c).getBytes(StandardCharsets.UTF_8), to);
      }
    }
  }

  private void text(int from, byte[] bytes, int to) throws GrammarException {
    int at = from;
    for (int i = 0; i < bytes.length; i++) {
      int next = i == bytes.length - 1 ? to : newState();
      edge(at, bytes[i] & 0xff, bytes[i] & 0xff, next);
      at = next;
    }
  }

  private void edge(int from, int first, int last, int to) {
    IntList list = edges.get(from);
    list.add(first);
    list.add(last);
    list.add(to);
  }

  /** Splits a range of characters where the number of bytes changes. */
  private void plain(int from, int first, int last, int to) throws GrammarException {
    int[] ends = {0x7f, 0x7ff, 0xffff, CodePoints.LAST};
    int begin = first;
    for (int end : ends) {
      if (begin <= Math.min(last, end)) {
        int upTo = Math.min(last, end);
        octets(from, utf8(begin), utf8(upTo), 0, to);
        begin = upTo + 1;
      }
    }
  }

  private static int[] utf8(int character) {
    byte[] bytes = Character.toString(character).getBytes(StandardCharsets.UTF_8);
    int[] octets = new int[bytes.length];
    for (int i = 0; i < octets.length; i++) {
      octets[i] = bytes[i] & 0xff;
    }
    return octets;
  }

  /** Paths for all byte sequences between two of the same length, from place i on. */
  private void octets(int from, int[] first, int[] last, int i, int to) throws GrammarException {
    if (i == first.length - 1) {
      edge(from, first[i], last[i], to);
      return;
    }
    if (first[i] == last[i]) {
      int next = newState();
      edge(from, first[i], first[i], next);
      octets(next, first, last, i + 1, to);
      return;
    }
    int low = first[i];
    int high = last[i];
    if (!isAll(first, i + 1, 0x80)) {
      int next = newState();
      edge(from, low, low, next);
      octets(next, first, filled(last, i + 1, 0xbf), i + 1, to);
      low++;
    }
    boolean endsEarly = !isAll(last, i + 1, 0xbf);
    high -= endsEarly ? 1 : 0;
    if (low <= high) {
      int next = newState();
      edge(from, low, high, next);
      octets(next, filled(first, i + 1, 0x80), filled(last, i + 1, 0xbf), i + 1, to);
    }
    if (endsEarly) {
      int next = newState();
      edge(from, last[i], last[i], next);
      octets(next, filled(first, i + 1, 0x80), last, i + 1, to);
    }
  }

  private static boolean isAll(int[] octets, int from, int value) {
    for (int i = from; i < octets.length; i++) {
      if (octets[i] != value) {
        return false;
      }
    }
    return true;
  }

  private static int[] filled(int[] octets, int from, int value) {
    int[] copy = octets.clone();
    java.util.Arrays.fill(copy, from, copy.length, value);
    return copy;
  }
}
