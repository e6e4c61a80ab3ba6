package dev.kvasir.runtime.template;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Python's subscripts and slices; strings count in characters, not in UTF-16 units. */
final class Indexing {
  private Indexing() {}

  static Object item(Object target, Object key, int line) {
    return switch (target) {
      case Map<?, ?> map -> map.containsKey(key) ? map.get(key) : missing(key);
      case Namespace namespace when namespace.attributes().containsKey(key) ->
          namespace.attributes().get(key);
      case List<?> list when key instanceof Long index -> at(list, index);
      case String text when key instanceof Long index -> at(Values.items(text, line), index);
      case Undefined undefined -> throw undefined.used(line);
      case null, default -> missing(key);
    };
  }

  private static Object at(List<?> items, long index) {
    long place = index < 0 ? index + items.size() : index;
    return place >= 0 && place < items.size() ? items.get((int) place) : missing(index);
  }

  static Undefined missing(Object key) {
    return new Undefined("the item " + Values.representation(key));
  }

  static Object slice(Object target, Long start, Long stop, Long step, int line) {
    return switch (target) {
      case Tuple tuple -> new Tuple(slice(tuple, start, stop, step, line));
      case List<?> list -> slice(list, start, stop, step, line);
      case String text -> {
        List<Object> characters = slice(Values.items(text, line), start, stop, step, line);
        StringBuilder joined = new StringBuilder();
        characters.forEach(joined::append);
        yield joined.toString();
      }
      case Undefined undefined -> throw undefined.used(line);
      case null, default ->
          throw TemplateException.at(line, "can't slice " + Values.typeName(target));
    };
  }

  private static List<Object> slice(List<?> items, Long start, Long stop, Long step, int line) {
    long by = step == null ? 1 : Math.clamp(step, -Integer.MAX_VALUE, Integer.MAX_VALUE);
    if (by == 0) {
      throw TemplateException.at(line, "a slice's step must not be 0");
    }
    int size = items.size();
    long from = bound(start, by > 0 ? 0 : size - 1, size, by);
    long to = bound(stop, by > 0 ? size : -1, size, by);
    List<Object> result = new ArrayList<>();
    for (long i = from; by > 0 ? i < to : i > to; i += by) {
      result.add(items.get((int) i));
    }
    return result;
  }

  private static long bound(Long given, long standard, int size, long step) {
    if (given == null) {
      return standard;
    }
    long place = given < 0 ? given + size : given;
    return step > 0 ? Math.clamp(place, 0, size) : Math.clamp(place, -1, size - 1);
  }
}
