package dev.kvasir.runtime.template;

import java.util.List;
import java.util.Map;

/** What a template can call: a macro, a method, a global function. */
@FunctionalInterface
interface Callable {

  Object call(Given given);

  /** The evaluated arguments of a call, a filter or a test. */
  record Given(List<Object> positional, Map<String, Object> named, int line) {

    int count() {
      return positional.size() + named.size();
    }

    boolean has(int index, String name) {
      return index < positional.size() || named.containsKey(name);
    }

    /** The argument at the position or of the name, or the standard value. */
    Object get(int index, String name, Object standard) {
      if (index < positional.size()) {
        return positional.get(index);
      }
      return named.getOrDefault(name, standard);
    }

    Object required(int index, String name) {
      if (!has(index, name)) {
        throw error("the argument '" + name + "' is missing");
      }
      return get(index, name, null);
    }

    String string(int index, String name) {
      Object value = required(index, name);
      if (value instanceof String text) {
        return text;
      }
      throw error("'" + name + "' must be a string, got " + Values.typeName(value));
    }

    int integer(int index, String name, int standard) {
      Object value = get(index, name, (long) standard);
      if (value instanceof Long number && number.intValue() == number) {
        return number.intValue();
      }
      throw error("'" + name + "' must be a whole number, got " + Values.typeName(value));
    }

    boolean truth(int index, String name, boolean standard) {
      return Values.truth(get(index, name, standard));
    }

    TemplateException error(String message) {
      return TemplateException.at(line, message);
    }
  }
}
