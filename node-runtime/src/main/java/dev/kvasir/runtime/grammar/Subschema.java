package dev.kvasir.runtime.grammar;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Schemas that a value has to meet all of, each with its place in the document. */
record Subschema(List<Located> all) {

  /**
   * A schema and where it stands.
   *
   * @param pointer JSON pointer from the root; empty for the root
   */
  record Located(JsonNode node, String pointer) {

    /** A place holds one schema, so its pointer says it all. */
    @Override
    public boolean equals(Object object) {
      return object instanceof Located other && pointer.equals(other.pointer);
    }

    @Override
    public int hashCode() {
      return pointer.hashCode();
    }

    Located at(String... steps) {
      JsonNode inner = node;
      StringBuilder path = new StringBuilder(pointer);
      for (String step : steps) {
        inner = inner.isArray() ? inner.get(Integer.parseInt(step)) : inner.get(step);
        path.append('/').append(step.replace("~", "~0").replace("/", "~1"));
      }
      return new Located(inner, path.toString());
    }

    GrammarException refused(String keyword, String why) {
      return new GrammarException(
          "'" + keyword + "' at " + (pointer + "/" + keyword) + " is not supported" + why);
    }

    GrammarException wrong(String keyword, String why) {
      return new GrammarException("'" + keyword + "' at " + pointer + "/" + keyword + " " + why);
    }
  }

  static Subschema of(Located schema) {
    return new Subschema(List.of(schema));
  }

  /** Null is no demand. */
  static Subschema both(Subschema a, Subschema b) {
    if (a == null || b == null) {
      return a == null ? b : a;
    }
    List<Located> all = new ArrayList<>(a.all);
    for (Located schema : b.all) {
      if (!all.contains(schema)) {
        all.add(schema);
      }
    }
    return new Subschema(all);
  }

  String pointer() {
    String pointer = all.getFirst().pointer();
    return pointer.isEmpty() ? "the root" : pointer;
  }
}
