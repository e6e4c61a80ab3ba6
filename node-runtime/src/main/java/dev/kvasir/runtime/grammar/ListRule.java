package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * Items between an opening and a closing text, with a text between them: a JSON array, or several
 * tool calls. A frame's count is how many items have come; its place is 1 where the separator has
 * come after them.
 */
final class ListRule extends Rule {
  static final int UNLIMITED = Integer.MAX_VALUE;

  private final Literal open;
  private final Literal separator;
  private final Literal close;

  /** Of the first items, one each. */
  private final List<Rule> first;

  /** Of all later items; null where there are none. */
  private final Rule rest;

  private final int min;
  private final int max;

  /** The literal texts around and between the items. */
  record Texts(String open, String separator, String close) {
    static final Texts ARRAY = new Texts("[", "," + Literal.OPTIONAL_SPACE, "]");
  }

  ListRule(
      Texts texts, List<Rule> first, Rule rest, ObjectRule.Bounds bounds, Vocabulary vocabulary) {
    this.open = Literal.of(texts.open(), vocabulary);
    this.separator = Literal.of(texts.separator(), vocabulary);
    this.close = Literal.of(texts.close(), vocabulary);
    this.first = List.copyOf(first);
    this.rest = rest;
    this.min = bounds.min();
    this.max = rest == null ? Math.min(bounds.max(), first.size()) : bounds.max();
  }

  private Rule item(int index) {
    return index < first.size() ? first.get(index) : rest;
  }

  @Override
  void open(Frame after, Heads heads) {
    if (after.hasRoomFor(this)) {
      heads.add(open, open.start(), after.deeper(this, 0, 0));
    }
  }

  @Override
  void resume(Frame frame, Heads heads) {
    int count = frame.count();
    if (frame.place() == 1) {
      item(count).open(frame.moved(0, noted(count + 1)), heads);
      return;
    }
    if (count < max && item(count).isPossible() && frame.hasRoomFor(item(count))) {
      if (count == 0) {
        item(0).open(frame.moved(0, noted(1)), heads);
      } else {
        heads.add(separator, separator.start(), frame.moved(1, count));
      }
    }
    if (count >= min) {
      heads.add(close, close.start(), frame.parent());
    }
  }

  /** Where there is no bound, all high counts are alike. */
  private int noted(int count) {
    return max == UNLIMITED ? Math.min(count, Math.max(Math.max(min, first.size()), 1)) : count;
  }

  @Override
  int costFrom(int place, int count) {
    // Behind a separator the next item must come, and the separator is paid for.
    int sum = place == 1 ? Costs.plus(1, item(count).cost()) : 1;
    int next = count + place;
    for (int i = next; i < Math.min(min, first.size()); i++) {
      sum = Costs.plus(sum, Costs.plus(1, first.get(i).cost()));
    }
    int more = min - Math.max(next, first.size());
    if (more > 0) {
      int each = rest == null ? Costs.INFINITE : Costs.plus(1, rest.cost());
      sum = Costs.plus(sum, Costs.times(each, more));
    }
    return sum;
  }

  @Override
  int computeCost() {
    return Costs.plus(1, costFrom(0, 0));
  }

  @Override
  int computeHeight() {
    int height = 0;
    for (int i = 0; i < Math.min(min, first.size()); i++) {
      height = Math.max(height, first.get(i).height());
    }
    if (min > first.size()) {
      height = Math.max(height, rest == null ? Costs.INFINITE : rest.height());
    }
    return Costs.plus(1, height);
  }

  @Override
  List<Rule> parts() {
    List<Rule> parts = new ArrayList<>(first);
    if (rest != null) {
      parts.add(rest);
    }
    return parts;
  }
}
