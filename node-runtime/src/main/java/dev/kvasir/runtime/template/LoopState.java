package dev.kvasir.runtime.template;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What {@code loop} is in a for's body. */
final class LoopState {
  private final List<Object> items;
  private Object lastChanged;
  private boolean changedBefore;

  LoopState(List<Object> items) {
    this.items = items;
  }

  Map<String, Object> at(int index) {
    int size = items.size();
    Map<String, Object> loop = new HashMap<>();
    loop.put("index", index + 1L);
    loop.put("index0", (long) index);
    loop.put("revindex", (long) size - index);
    loop.put("revindex0", size - index - 1L);
    loop.put("first", index == 0);
    loop.put("last", index == size - 1);
    loop.put("length", (long) size);
    loop.put("depth", 1L);
    loop.put("depth0", 0L);
    if (index > 0) {
      loop.put("previtem", items.get(index - 1));
    }
    if (index < size - 1) {
      loop.put("nextitem", items.get(index + 1));
    }
    loop.put("cycle", (Callable) given -> cycle(given, index));
    loop.put("changed", (Callable) this::changed);
    return loop;
  }

  private static Object cycle(Callable.Given given, int index) {
    if (given.positional().isEmpty()) {
      throw given.error("'loop.cycle' needs at least one value");
    }
    return given.positional().get(index % given.positional().size());
  }

  private boolean changed(Callable.Given given) {
    boolean changed = !changedBefore || !Values.equal(lastChanged, given.positional());
    changedBefore = true;
    lastChanged = given.positional();
    return changed;
  }
}
