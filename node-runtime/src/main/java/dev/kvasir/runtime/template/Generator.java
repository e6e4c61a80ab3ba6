package dev.kvasir.runtime.template;

import java.util.List;

/**
 * What jinja2's map, select and their like give: items that can be walked once, with no length and
 * no index.
 */
final class Generator {
  private List<Object> items;

  Generator(List<Object> items) {
    this.items = items;
  }

  /** The items; none the second time. */
  List<Object> take() {
    List<Object> taken = items;
    items = List.of();
    return taken;
  }

  int size() {
    return items.size();
  }
}
