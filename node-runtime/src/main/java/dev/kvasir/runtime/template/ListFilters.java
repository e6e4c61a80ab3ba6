package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Filters that take or make lists. */
final class ListFilters {
  static final Map<String, Filters.Filter> ALL =
      Map.ofEntries(
          Map.entry("length", (v, g) -> Values.length(v, g.line())),
          Map.entry("count", (v, g) -> Values.length(v, g.line())),
          Map.entry("list", (v, g) -> Values.items(v, g.line())),
          Map.entry("first", (v, g) -> edge(Values.items(v, g.line()), 0)),
          Map.entry("last", ListFilters::last),
          Map.entry("items", ListFilters::items),
          Map.entry("dictsort", ListFilters::sortedEntries),
          Map.entry("join", ListFilters::join),
          Map.entry("map", ListFilters::map),
          Map.entry("select", (v, g) -> select(v, g, true)),
          Map.entry("reject", (v, g) -> select(v, g, false)),
          Map.entry("selectattr", (v, g) -> selectByAttribute(v, g, true)),
          Map.entry("rejectattr", (v, g) -> selectByAttribute(v, g, false)),
          Map.entry("reverse", ListFilters::reverse),
          Map.entry("sort", ListFilters::sort),
          Map.entry("unique", ListFilters::unique),
          Map.entry("min", (v, g) -> extreme(v, g, -1)),
          Map.entry("max", (v, g) -> extreme(v, g, 1)),
          Map.entry("sum", ListFilters::sum),
          Map.entry("slice", ListFilters::slices),
          Map.entry("batch", ListFilters::batch));

  private ListFilters() {}

  private static Object edge(List<Object> items, int index) {
    if (items.isEmpty()) {
      return new Undefined("an item of an empty list");
    }
    return index == 0 ? items.getFirst() : items.getLast();
  }

  private static Object last(Object value, Given given) {
    if (value instanceof Generator) {
      throw given.error("'last' can't walk a generator backwards");
    }
    return edge(Values.items(value, given.line()), -1);
  }

  private static Generator items(Object value, Given given) {
    return switch (value) {
      case Map<?, ?> map -> new Generator(Methods.entries(map));
      case Undefined u -> new Generator(List.of());
      case null, default ->
          throw given.error("'items' needs a mapping, got " + Values.typeName(value));
    };
  }

  private static Object sortedEntries(Object value, Given given) {
    List<Object> entries = new ArrayList<>(items(value, given).take());
    int by = Values.text(given.get(1, "by", "key")).equals("value") ? 1 : 0;
    boolean caseSensitive = given.truth(0, "case_sensitive", false);
    entries.sort((a, b) ->
        Values.compare(
            folded(((List<?>) a).get(by), caseSensitive),
            folded(((List<?>) b).get(by), caseSensitive),
            given.line()));
    return given.truth(2, "reverse", false) ? entries.reversed() : entries;
  }

  private static Object folded(Object value, boolean caseSensitive) {
    return !caseSensitive && value instanceof String s ? s.toLowerCase(Locale.ROOT) : value;
  }

  private static Object join(Object value, Given given) {
    String separator = Values.text(given.get(0, "d", ""));
    Object attribute = given.get(1, "attribute", null);
    return Values.items(value, given.line()).stream()
        .map(item -> Values.text(attribute(item, attribute, given)))
        .collect(Collectors.joining(separator));
  }

  /** The item itself where no attribute is named; {@code a.b} goes two levels down. */
  private static Object attribute(Object item, Object attribute, Given given) {
    if (attribute == null) {
      return item;
    }
    if (attribute instanceof Long) {
      return Indexing.item(item, attribute, given.line());
    }
    Object value = item;
    for (String part : Values.text(attribute).split("\\.", -1)) {
      value = Indexing.item(value, part, given.line());
    }
    return value;
  }

  private static Object map(Object value, Given given) {
    List<Object> items = itemsIfTrue(value, given);
    if (given.positional().isEmpty() && given.named().containsKey("attribute")) {
      Object attribute = given.named().get("attribute");
      Object standard = given.named().get("default");
      return transformed(items, item -> orStandard(attribute(item, attribute, given), standard));
    }
    String filter = given.string(0, "filter");
    Given rest = tail(given, 1);
    return transformed(items, item -> Filters.apply(filter, item, rest));
  }

  /** Columns of almost one length, the first ones longer; the others may be filled up. */
  private static Object slices(Object value, Given given) {
    List<Object> items = Values.items(value, given.line());
    int count = given.integer(0, "slices", 0);
    Object fill = given.get(1, "fill_with", null);
    if (count < 1 || count > Budget.MAX_OUTPUT) {
      throw given.error("'slice' needs a number of slices, got " + count);
    }
    int longer = items.size() % count;
    List<Object> slices = new ArrayList<>();
    for (int i = 0, at = 0; i < count; i++) {
      int end = at + items.size() / count + (i < longer ? 1 : 0);
      List<Object> slice = new ArrayList<>(items.subList(at, end));
      if (fill != null && i >= longer) {
        slice.add(fill);
      }
      slices.add(slice);
      at = end;
    }
    return new Generator(slices);
  }

  private static Object orStandard(Object value, Object standard) {
    return value instanceof Undefined && standard != null ? standard : value;
  }

  /** jinja2's map, select and their like give nothing for None, 0 or false. */
  private static List<Object> itemsIfTrue(Object value, Given given) {
    return Values.truth(value) ? Values.items(value, given.line()) : List.of();
  }

  private static Generator transformed(List<Object> items, UnaryOperator<Object> change) {
    List<Object> result = new ArrayList<>();
    items.forEach(item -> result.add(change.apply(item)));
    return new Generator(result);
  }

  private static Given tail(Given given, int from) {
    List<Object> positional = given.positional();
    return new Given(
        positional.subList(Math.min(from, positional.size()), positional.size()),
        given.named(),
        given.line());
  }

  private static Object select(Object value, Given given, boolean wanted) {
    List<Object> kept = new ArrayList<>();
    for (Object item : itemsIfTrue(value, given)) {
      if (passes(item, given, 0) == wanted) {
        kept.add(item);
      }
    }
    return new Generator(kept);
  }

  private static boolean passes(Object value, Given given, int testAt) {
    return given.positional().size() <= testAt
        ? Values.truth(value)
        : Tests.apply(given.string(testAt, "test"), value, tail(given, testAt + 1));
  }

  private static Object selectByAttribute(Object value, Given given, boolean wanted) {
    Object attribute = given.required(0, "attribute");
    List<Object> kept = new ArrayList<>();
    for (Object item : itemsIfTrue(value, given)) {
      if (passes(attribute(item, attribute, given), given, 1) == wanted) {
        kept.add(item);
      }
    }
    return new Generator(kept);
  }

  private static Object reverse(Object value, Given given) {
    if (value instanceof String s) {
      return new StringBuilder(s).reverse().toString();
    }
    List<Object> reversed = new ArrayList<>(Values.items(value, given.line()).reversed());
    return value instanceof Generator ? reversed : new Generator(reversed);
  }

  private static Object sort(Object value, Given given) {
    Object attribute = given.get(2, "attribute", null);
    boolean caseSensitive = given.truth(1, "case_sensitive", false);
    List<Object> items = new ArrayList<>(Values.items(value, given.line()));
    Comparator<Object> order =
        (a, b) ->
            Values.compare(
                sortKey(a, attribute, caseSensitive, given),
                sortKey(b, attribute, caseSensitive, given),
                given.line());
    items.sort(given.truth(0, "reverse", false) ? Collections.reverseOrder(order) : order);
    return items;
  }

  /** One key for each of the attributes that commas separate. */
  private static List<Object> sortKey(
      Object item, Object attribute, boolean caseSensitive, Given given) {
    List<Object> keys = new ArrayList<>();
    if (attribute instanceof String names) {
      for (String name : names.split(",", -1)) {
        keys.add(folded(attribute(item, name, given), caseSensitive));
      }
    } else {
      keys.add(folded(attribute(item, attribute, given), caseSensitive));
    }
    return keys;
  }

  private static Object unique(Object value, Given given) {
    boolean caseSensitive = given.truth(0, "case_sensitive", false);
    Object attribute = given.get(1, "attribute", null);
    List<Object> seen = new ArrayList<>();
    List<Object> result = new ArrayList<>();
    for (Object item : Values.items(value, given.line())) {
      Object key = folded(attribute(item, attribute, given), caseSensitive);
      if (seen.stream().noneMatch(other -> Values.equal(other, key))) {
        seen.add(key);
        result.add(item);
      }
    }
    return new Generator(result);
  }

  private static Object extreme(Object value, Given given, int sign) {
    Object attribute = given.get(1, "attribute", null);
    boolean caseSensitive = given.truth(0, "case_sensitive", false);
    List<Object> items = Values.items(value, given.line());
    Object best = edge(items, 0);
    for (Object item : items) {
      Object a = folded(attribute(item, attribute, given), caseSensitive);
      Object b = folded(attribute(best, attribute, given), caseSensitive);
      if (Values.compare(a, b, given.line()) * sign > 0) {
        best = item;
      }
    }
    return best;
  }

  private static Object sum(Object value, Given given) {
    Object attribute = given.get(0, "attribute", null);
    Object total = given.get(1, "start", 0L);
    Budget budget = new Budget();
    for (Object item : Values.items(value, given.line())) {
      total = Arithmetic.apply("+", total, attribute(item, attribute, given), budget, given.line());
    }
    return total;
  }

  private static Object batch(Object value, Given given) {
    int size = Math.max(1, given.integer(0, "linecount", 1));
    List<Object> items = Values.items(value, given.line());
    List<Object> batches = new ArrayList<>();
    for (int i = 0; i < items.size(); i += size) {
      List<Object> batch = new ArrayList<>(items.subList(i, Math.min(i + size, items.size())));
      Object fill = given.get(1, "fill_with", null);
      while (fill != null && batch.size() < size) {
        batch.add(fill);
      }
      batches.add(batch);
    }
    return new Generator(batches);
  }
}
