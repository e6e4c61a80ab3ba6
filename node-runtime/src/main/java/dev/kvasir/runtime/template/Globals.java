package dev.kvasir.runtime.template;

import dev.kvasir.runtime.template.Callable.Given;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The functions that every template can call. */
final class Globals {
  private static final int MAX_RANGE = 100_000;

  private Globals() {}

  static Map<String, Object> of(Supplier<ZonedDateTime> now) {
    Map<String, Callable> functions =
        Map.of(
            "range", Globals::range,
            "namespace", given -> Namespace.of(merged(given)),
            "dict", Globals::merged,
            "raise_exception",
                given -> {
                  throw new TemplateException(Values.text(given.get(0, "message", "")));
                },
            "strftime_now", given -> Strftime.format(now.get(), given));
    return new LinkedHashMap<>(functions);
  }

  private static Map<String, Object> merged(Given given) {
    Map<String, Object> entries = new LinkedHashMap<>();
    for (Object positional : given.positional()) {
      if (!(positional instanceof Map<?, ?> map)) {
        throw given.error("expected a mapping, got " + Values.typeName(positional));
      }
      map.forEach((key, value) -> entries.put(Values.text(key), value));
    }
    entries.putAll(given.named());
    return entries;
  }

  private static List<Object> range(Given given) {
    int first = given.integer(0, "start", 0);
    boolean bounded = given.positional().size() > 1;
    long start = bounded ? first : 0;
    long stop = bounded ? given.integer(1, "stop", 0) : first;
    int step = given.integer(2, "step", 1);
    if (step == 0) {
      throw given.error("a range's step must not be 0");
    }
    List<Object> numbers = new ArrayList<>();
    for (long i = start; step > 0 ? i < stop : i > stop; i += step) {
      if (numbers.size() == MAX_RANGE) {
        throw given.error("a range may have at most " + MAX_RANGE + " numbers");
      }
      numbers.add(i);
    }
    return numbers;
  }
}
