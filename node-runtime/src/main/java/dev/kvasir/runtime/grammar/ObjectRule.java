package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.List;

/**
 * A JSON object: its properties in the schema's order, those that are optional or not, then any
 * number of further ones. A frame's place is twice the next property, plus one where its key has
 * been read; its count is how many properties have come.
 */
final class ObjectRule extends Rule {
  private static final String SPACE = String.valueOf(Literal.OPTIONAL_SPACE);

  private final List<Property> properties;

  /** Key, colon and value of a further property; null where there are none. */
  private final Rule further;

  private final Rule laterFurther;

  private final int min;
  private final int max;
  private final Literal open;
  private final Literal close;
  private final Literal[] firstKeys;
  private final Literal[] laterKeys;

  /** By property: required ones from it on, and the shortest way to close from it on. */
  private final int[] requiredFrom;

  private int[] costsFrom;

  /**
   * A declared property.
   *
   * @param key as JSON, quotes included
   */
  record Property(String key, Rule value, boolean required) {}

  /** How many properties an object may have. */
  record Bounds(int min, int max) {
    static final int UNLIMITED = Integer.MAX_VALUE;
    static final Bounds NONE = new Bounds(0, UNLIMITED);
  }

  ObjectRule(List<Property> properties, Rule further, Bounds bounds, Vocabulary vocabulary) {
    this.properties = List.copyOf(properties);
    this.further = further;
    this.min = bounds.min();
    this.max = bounds.max();
    this.open = Literal.of("{", vocabulary);
    this.close = Literal.of("}", vocabulary);
    this.laterFurther =
        further == null
            ? null
            : new Sequence(List.of(new Terminal(Literal.of("," + SPACE, vocabulary)), further));
    int n = properties.size();
    this.firstKeys = new Literal[n];
    this.laterKeys = new Literal[n];
    this.requiredFrom = new int[n + 1];
    for (int i = n - 1; i >= 0; i--) {
      String key = properties.get(i).key() + ":" + SPACE;
      firstKeys[i] = Literal.of(key, vocabulary);
      laterKeys[i] = Literal.of("," + SPACE + key, vocabulary);
      requiredFrom[i] = requiredFrom[i + 1] + (properties.get(i).required() ? 1 : 0);
    }
    this.costsFrom = new int[n + 1];
  }

  /** The rule of a further property's key, colon and value. */
  static Rule further(Rule key, Rule value, Vocabulary vocabulary) {
    return new Sequence(List.of(key, new Terminal(Literal.of(":" + SPACE, vocabulary)), value));
  }

  @Override
  void open(Frame after, Heads heads) {
    if (after.hasRoomFor(this)) {
      heads.add(open, open.start(), after.deeper(this, 0, 0));
    }
  }

  @Override
  void resume(Frame frame, Heads heads) {
    int next = frame.place() / 2;
    if (frame.place() % 2 == 1) {
      properties.get(next).value().open(frame.moved((next + 1) * 2, frame.count() + 1), heads);
      return;
    }
    int n = properties.size();
    for (int i = next; i < n; i++) {
      addProperty(i, frame, heads);
      if (properties.get(i).required()) {
        return;
      }
    }
    addFurther(frame, heads);
    if (frame.count() >= min) {
      heads.add(close, close.start(), frame.parent());
    }
  }

  private void addProperty(int i, Frame frame, Heads heads) {
    Property property = properties.get(i);
    boolean leavesRoom = frame.count() + 1 + requiredFrom[i + 1] <= max;
    boolean reachesMin = canReachMin(frame.count() + 1, i + 1);
    if (leavesRoom
        && reachesMin
        && property.value().isPossible()
        && frame.hasRoomFor(property.value())) {
      Literal key = frame.count() == 0 ? firstKeys[i] : laterKeys[i];
      heads.add(key, key.start(), frame.moved(i * 2 + 1, frame.count()));
    }
  }

  private boolean canReachMin(int count, int next) {
    return further != null || count + properties.size() - next >= min;
  }

  private void addFurther(Frame frame, Heads heads) {
    if (further == null
        || frame.count() >= max
        || !further.isPossible()
        || !frame.hasRoomFor(further)) {
      return;
    }
    int most = Math.max(1, max == Bounds.UNLIMITED ? min : Integer.MAX_VALUE);
    Frame next = frame.moved(properties.size() * 2, Math.min(frame.count() + 1, most));
    (frame.count() == 0 ? further : laterFurther).open(next, heads);
  }

  @Override
  int costFrom(int place, int count) {
    int reading = place % 2;
    int next = place / 2 + reading;
    int own = reading == 0 ? 0 : properties.get(next - 1).value().cost();
    int missing = Math.max(0, min - count - reading - requiredFrom[next]);
    return Costs.plus(own, withMissing(costsFrom[next], next, missing));
  }

  @Override
  int computeCost() {
    int n = properties.size();
    int[] costs = new int[n + 1];
    costs[n] = 1;
    for (int i = n - 1; i >= 0; i--) {
      Property property = properties.get(i);
      int own = Costs.plus(laterKeys[i].cost(laterKeys[i].start()), property.value().cost());
      costs[i] = property.required() ? Costs.plus(costs[i + 1], own) : costs[i + 1];
    }
    costsFrom = costs;
    return Costs.plus(1, costFrom(0, 0));
  }

  /** The cheapest optional properties from one on that make up the least number. */
  private int withMissing(int cost, int next, int missing) {
    if (missing == 0) {
      return cost;
    }
    List<Integer> optional = new ArrayList<>();
    for (int i = next; i < properties.size(); i++) {
      if (!properties.get(i).required()) {
        int key = laterKeys[i].cost(laterKeys[i].start());
        optional.add(Costs.plus(key, properties.get(i).value().cost()));
      }
    }
    optional.sort(null);
    int sum = cost;
    for (int i = 0; i < missing; i++) {
      int own = i < optional.size() ? optional.get(i) : Costs.INFINITE;
      int other = further == null ? Costs.INFINITE : Costs.plus(1, further.cost());
      sum = Costs.plus(sum, Math.min(own, other));
    }
    return sum;
  }

  @Override
  int computeHeight() {
    int height = 0;
    for (Property property : properties) {
      height = Math.max(height, property.required() ? property.value().height() : 0);
    }
    if (min > requiredFrom[0]) {
      height = Math.max(height, heightOfMissing(min - requiredFrom[0]));
    }
    return Costs.plus(1, height);
  }

  private int heightOfMissing(int missing) {
    List<Integer> heights = new ArrayList<>();
    for (Property property : properties) {
      if (!property.required()) {
        heights.add(property.value().height());
      }
    }
    heights.sort(null);
    int of = further == null ? Costs.INFINITE : further.height();
    int own = missing <= heights.size() ? heights.get(missing - 1) : Costs.INFINITE;
    return Math.min(of, own);
  }

  @Override
  List<Rule> parts() {
    List<Rule> parts = new ArrayList<>();
    for (Property property : properties) {
      parts.add(property.value());
    }
    if (further != null) {
      parts.add(further);
      parts.add(laterFurther);
    }
    return parts;
  }
}
