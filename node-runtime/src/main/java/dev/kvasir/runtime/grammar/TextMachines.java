package dev.kvasir.runtime.grammar;

import java.util.ArrayList;
import java.util.List;

/** Automata for texts that are in several sets at once, plain or as JSON strings. */
final class TextMachines {
  private final Machines machines;
  private final Budget budget;

  TextMachines(Machines machines, Budget budget) {
    this.machines = machines;
    this.budget = budget;
  }

  /** Makes the sets of texts that an automaton is for. */
  interface Sets {
    List<TextSet> make() throws GrammarException;
  }

  /** A place in each set, and in the JSON string around them. */
  private record Place(List<Object> states, long string) {}

  /** The texts of a set as they are; null where there are none. */
  Dfa plain(TextSet set) throws GrammarException {
    DfaBuilder<Object> builder =
        new DfaBuilder<>(set::after, set::accepts, classes(List.of(set), false), budget);
    return builder.build(set.start(), machines.vocabulary());
  }

  /** What strings are about. */
  private record Content(Object key, int min, int max) {}

  /**
   * JSON strings, quotes included, whose content is in all the sets and whose length is within
   * bounds; null where there are none. {@code key} says what the sets are.
   */
  Dfa strings(Object key, Sets sets, int min, int max) throws GrammarException {
    return machines.get(new Content(key, min, max), budget, () -> strings(sets.make(), min, max));
  }

  private Dfa strings(List<TextSet> sets, int min, int max) throws GrammarException {
    JsonString string = new JsonString(min, max);
    List<Object> starts = new ArrayList<>();
    for (TextSet set : sets) {
      starts.add(set.start());
    }
    DfaBuilder<Place> builder =
        new DfaBuilder<>(
            (place, octet) -> after(string, sets, place, octet),
            place -> string.accepts(place.string()),
            classes(sets, true),
            budget);
    return builder.build(new Place(starts, string.start()), machines.vocabulary());
  }

  private static Place after(JsonString string, List<TextSet> sets, Place place, int octet)
      throws GrammarException {
    long next = string.step(place.string(), octet);
    if (next < 0) {
      return null;
    }
    if (JsonString.isBefore(place.string())) {
      return new Place(place.states(), next);
    }
    if (string.accepts(next)) {
      return acceptAll(sets, place.states()) ? new Place(List.of(), next) : null;
    }
    List<Object> states = new ArrayList<>();
    for (int i = 0; i < sets.size(); i++) {
      Object state = sets.get(i).after(place.states().get(i), octet);
      if (state == null) {
        return null;
      }
      states.add(state);
    }
    return new Place(states, next);
  }

  private static boolean acceptAll(List<TextSet> sets, List<Object> states) {
    for (int i = 0; i < sets.size(); i++) {
      if (!sets.get(i).accepts(states.get(i))) {
        return false;
      }
    }
    return true;
  }

  private static int[] classes(List<TextSet> sets, boolean json) {
    boolean[] starts = new boolean[256];
    for (TextSet set : sets) {
      set.markBoundaries(starts);
    }
    if (json) {
      StringPlaces.ANY.markBoundaries(starts);
    }
    int[] classes = new int[256];
    for (int octet = 1; octet < 256; octet++) {
      classes[octet] = classes[octet - 1] + (starts[octet] ? 1 : 0);
    }
    return classes;
  }
}
