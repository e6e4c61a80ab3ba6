package dev.kvasir.runtime.template;

import java.util.LinkedHashMap;
import java.util.Map;

/** What {@code namespace()} makes: the one thing whose attributes a template can set. */
record Namespace(Map<String, Object> attributes) {

  static Namespace of(Map<String, Object> initial) {
    return new Namespace(new LinkedHashMap<>(initial));
  }
}
