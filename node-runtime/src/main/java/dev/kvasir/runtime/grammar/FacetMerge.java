package dev.kvasir.runtime.grammar;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.Set;

/** Puts the demands of two schemas together: a value has to meet both. */
final class FacetMerge {
  private final Facets a;
  private final Facets b;
  private final Facets out;

  private FacetMerge(Facets a, Facets b) {
    this.a = a;
    this.b = b;
    this.out = new Facets(a.source);
  }

  static Facets both(Facets a, Facets b) throws GrammarException {
    FacetMerge merge = new FacetMerge(a, b);
    merge.values();
    merge.numbers();
    merge.strings();
    merge.arrays();
    merge.objects();
    return merge.out;
  }

  static void raiseLow(Facets facets, BigDecimal low, boolean exclusive) {
    int above = facets.low == null ? 1 : low.compareTo(facets.low);
    if (above > 0 || (above == 0 && exclusive)) {
      facets.low = low;
      facets.lowExclusive = exclusive;
    }
  }

  static void lowerHigh(Facets facets, BigDecimal high, boolean exclusive) {
    int below = facets.high == null ? -1 : high.compareTo(facets.high);
    if (below < 0 || (below == 0 && exclusive)) {
      facets.high = high;
      facets.highExclusive = exclusive;
    }
  }

  static void addMultiple(Facets facets, BigInteger of) {
    BigInteger before = facets.multipleOf == null ? BigInteger.ONE : facets.multipleOf;
    facets.multipleOf = before.multiply(of).divide(before.gcd(of));
  }

  private void values() {
    out.hinted.addAll(a.hinted);
    out.hinted.addAll(b.hinted);
    out.types = a.types == null ? b.types : b.types == null ? a.types : sharedTypes();
    if (a.values == null || b.values == null) {
      out.values = a.values == null ? b.values : a.values;
    } else {
      out.values = JsonValues.inBoth(a.values, b.values);
    }
  }

  private EnumSet<JsonType> sharedTypes() {
    EnumSet<JsonType> shared = EnumSet.copyOf(a.types);
    shared.retainAll(b.types);
    boolean whole = a.types.contains(JsonType.INTEGER) && b.types.contains(JsonType.NUMBER);
    if (whole || (a.types.contains(JsonType.NUMBER) && b.types.contains(JsonType.INTEGER))) {
      shared.add(JsonType.INTEGER);
    }
    return shared;
  }

  private void numbers() {
    for (Facets side : new Facets[] {a, b}) {
      if (side.low != null) {
        raiseLow(out, side.low, side.lowExclusive);
      }
      if (side.high != null) {
        lowerHigh(out, side.high, side.highExclusive);
      }
      if (side.multipleOf != null) {
        addMultiple(out, side.multipleOf);
      }
    }
  }

  private void strings() {
    out.minLength = Math.max(a.minLength, b.minLength);
    out.maxLength = Math.min(a.maxLength, b.maxLength);
    out.patterns.addAll(a.patterns);
    out.patterns.addAll(b.patterns);
    out.formats.addAll(a.formats);
    out.formats.addAll(b.formats);
  }

  private void arrays() {
    out.minItems = Math.max(a.minItems, b.minItems);
    out.maxItems = Math.min(a.maxItems, b.maxItems);
    out.uniqueItems = a.uniqueItems || b.uniqueItems;
    int prefix = Math.max(a.prefixItems.size(), b.prefixItems.size());
    for (int i = 0; i < prefix; i++) {
      out.prefixItems.add(Subschema.both(item(a, i), item(b, i)));
    }
    out.items = Subschema.both(a.items, b.items);
  }

  private static Subschema item(Facets facets, int index) {
    return index < facets.prefixItems.size() ? facets.prefixItems.get(index) : facets.items;
  }

  private void objects() throws GrammarException {
    refusePatternsBesideProperties(a, b);
    refusePatternsBesideProperties(b, a);
    Set<String> names = new LinkedHashSet<>(a.properties.keySet());
    names.addAll(b.properties.keySet());
    for (String name : names) {
      out.properties.put(name, Subschema.both(property(a, name), property(b, name)));
    }
    out.listsProperties = a.listsProperties || b.listsProperties;
    out.required.addAll(a.required);
    out.required.addAll(b.required);
    out.patternProperties.putAll(a.patternProperties);
    out.patternProperties.putAll(b.patternProperties);
    out.additional = Subschema.both(a.additional, b.additional);
    out.propertyNames = Subschema.both(a.propertyNames, b.propertyNames);
    out.minProperties = Math.max(a.minProperties, b.minProperties);
    out.maxProperties = Math.min(a.maxProperties, b.maxProperties);
  }

  private static void refusePatternsBesideProperties(Facets one, Facets other)
      throws GrammarException {
    boolean clash = !other.hinted.contains(JsonType.OBJECT);
    if (!one.patternProperties.isEmpty() && !clash) {
      throw one.source.refused(
          "patternProperties", " in one of several schemas for the same object");
    }
  }

  private static Subschema property(Facets facets, String name) {
    Subschema own = facets.properties.get(name);
    return own == null ? facets.additional : own;
  }
}
