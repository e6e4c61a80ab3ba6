package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.IntPredicate;

/** A set of Unicode characters; surrogates are none. */
record CodePoints(List<Range> ranges) {
  static final int LAST = 0x10ffff;
  private static final int SURROGATES = 0xd800;
  private static final int AFTER_SURROGATES = 0xe000;

  static final CodePoints ALL = of(0, LAST);
  static final CodePoints NONE = new CodePoints(List.of());

  /** Both ends included. */
  record Range(int from, int to) {}

  static CodePoints of(int from, int to) {
    List<Range> parts = new ArrayList<>();
    if (from < SURROGATES) {
      parts.add(new Range(from, Math.min(to, SURROGATES - 1)));
    }
    if (to >= AFTER_SURROGATES) {
      parts.add(new Range(Math.max(from, AFTER_SURROGATES), to));
    }
    return new CodePoints(List.copyOf(parts));
  }

  static CodePoints of(int character) {
    return of(character, character);
  }

  static CodePoints ofAny(String characters) {
    CodePoints set = NONE;
    for (int character : characters.codePoints().toArray()) {
      set = set.or(of(character));
    }
    return set;
  }

  static CodePoints where(IntPredicate holds) {
    List<Range> found = new ArrayList<>();
    int from = -1;
    for (int character = 0; character <= LAST + 1; character++) {
      boolean in =
          character <= LAST
              && (character < SURROGATES || character >= AFTER_SURROGATES)
              && holds.test(character);
      if (in && from < 0) {
        from = character;
      } else if (!in && from >= 0) {
        found.add(new Range(from, character - 1));
        from = -1;
      }
    }
    return new CodePoints(List.copyOf(found));
  }

  boolean isEmpty() {
    return ranges.isEmpty();
  }

  CodePoints or(CodePoints other) {
    List<Range> all = new ArrayList<>(ranges);
    all.addAll(other.ranges);
    all.sort(Comparator.comparingInt(Range::from));
    List<Range> merged = new ArrayList<>();
    for (Range range : all) {
      Range last = merged.isEmpty() ? null : merged.getLast();
      if (last != null && range.from <= last.to + 1) {
        merged.set(merged.size() - 1, new Range(last.from, Math.max(last.to, range.to)));
      } else {
        merged.add(range);
      }
    }
    return new CodePoints(List.copyOf(merged));
  }

  CodePoints not() {
    CodePoints out = NONE;
    int next = 0;
    for (Range range : ranges) {
      if (next < range.from) {
        out = out.or(of(next, range.from - 1));
      }
      next = range.to + 1;
    }
    return next <= LAST ? out.or(of(next, LAST)) : out;
  }

  CodePoints and(CodePoints other) {
    return not().or(other.not()).not();
  }

  CodePoints minus(CodePoints other) {
    return and(other.not());
  }
}
