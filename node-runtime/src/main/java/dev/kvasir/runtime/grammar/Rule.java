package dev.kvasir.runtime.grammar;

import java.util.List;

/**
 * A part of a grammar. It begins with {@link #open} and, where it has several parts of its own, is
 * taken up again by {@link #resume} when one of them has ended.
 */
abstract sealed class Rule
    permits Rule.Terminal, Rule.Sequence, Rule.Either, Rule.Reference, ObjectRule, ListRule {

  /** About how many tokens the shortest text of this rule takes. */
  private int cost = Costs.INFINITE;

  /** Levels of objects and lists that the flattest text of this rule has. */
  private int height = Costs.INFINITE;

  /** Adds what can come first, to be followed by {@code after}. */
  abstract void open(Frame after, Heads heads);

  /** Adds what can come next at a place that this rule has noted in a frame. */
  abstract void resume(Frame frame, Heads heads);

  /** The shortest way from such a place to this rule's end. */
  abstract int costFrom(int place, int count);

  abstract int computeCost();

  abstract int computeHeight();

  abstract List<Rule> parts();

  int cost() {
    return cost;
  }

  int height() {
    return height;
  }

  /** Works out costs anew from those of its parts; whether any came down. */
  boolean relax() {
    int newCost = Math.min(Costs.INFINITE, computeCost());
    int newHeight = Math.min(Costs.INFINITE, computeHeight());
    boolean lower = newCost < cost || newHeight < height;
    cost = Math.min(cost, newCost);
    height = Math.min(height, newHeight);
    return lower;
  }

  /** Whether any text of this rule ends, within the levels allowed. */
  boolean isPossible() {
    return cost < Costs.INFINITE && height <= Frame.MOST_LEVELS;
  }

  /** A machine's texts. */
  static final class Terminal extends Rule {
    private final Leaf leaf;

    Terminal(Leaf leaf) {
      this.leaf = leaf;
    }

    @Override
    void open(Frame after, Heads heads) {
      heads.add(leaf, leaf.start(), after);
    }

    @Override
    void resume(Frame frame, Heads heads) {
      throw new IllegalStateException("a terminal has no places");
    }

    @Override
    int costFrom(int place, int count) {
      return 0;
    }

    @Override
    int computeCost() {
      return leaf.cost(leaf.start());
    }

    @Override
    int computeHeight() {
      return 0;
    }

    @Override
    List<Rule> parts() {
      return List.of();
    }
  }

  /** One part after the other. A frame's place is the next part. */
  static final class Sequence extends Rule {
    private final List<Rule> parts;

    Sequence(List<Rule> parts) {
      this.parts = parts;
    }

    @Override
    void open(Frame after, Heads heads) {
      open(0, after, heads);
    }

    private void open(int part, Frame after, Heads heads) {
      if (part == parts.size()) {
        heads.add(after);
      } else if (part == parts.size() - 1) {
        parts.get(part).open(after, heads);
      } else {
        parts.get(part).open(after.above(this, part + 1, 0), heads);
      }
    }

    @Override
    void resume(Frame frame, Heads heads) {
      open(frame.place(), frame.parent(), heads);
    }

    @Override
    int costFrom(int place, int count) {
      int sum = 0;
      for (int i = place; i < parts.size(); i++) {
        sum = Costs.plus(sum, parts.get(i).cost());
      }
      return sum;
    }

    @Override
    int computeCost() {
      return costFrom(0, 0);
    }

    @Override
    int computeHeight() {
      return parts.stream().mapToInt(Rule::height).max().orElse(0);
    }

    @Override
    List<Rule> parts() {
      return parts;
    }
  }

  /** One of its parts. */
  static final class Either extends Rule {
    private final List<Rule> parts;

    Either(List<Rule> parts) {
      this.parts = parts;
    }

    @Override
    void open(Frame after, Heads heads) {
      for (Rule part : parts) {
        if (part.isPossible() && after.hasRoomFor(part)) {
          part.open(after, heads);
        }
      }
    }

    @Override
    void resume(Frame frame, Heads heads) {
      throw new IllegalStateException("a choice has no places");
    }

    @Override
    int costFrom(int place, int count) {
      return 0;
    }

    @Override
    int computeCost() {
      return parts.stream().mapToInt(Rule::cost).min().orElse(Costs.INFINITE);
    }

    @Override
    int computeHeight() {
      return parts.stream().mapToInt(Rule::height).min().orElse(Costs.INFINITE);
    }

    @Override
    List<Rule> parts() {
      return parts;
    }
  }

  /** Stands for a rule that is made later, so that rules can hold themselves. */
  static final class Reference extends Rule {
    private Rule target;

    void to(Rule rule) {
      target = rule;
    }

    @Override
    void open(Frame after, Heads heads) {
      target.open(after, heads);
    }

    @Override
    void resume(Frame frame, Heads heads) {
      throw new IllegalStateException("a reference has no places");
    }

    @Override
    int costFrom(int place, int count) {
      return 0;
    }

    @Override
    int computeCost() {
      return target.cost();
    }

    @Override
    int computeHeight() {
      return target.height();
    }

    @Override
    List<Rule> parts() {
      return List.of(target);
    }
  }
}
