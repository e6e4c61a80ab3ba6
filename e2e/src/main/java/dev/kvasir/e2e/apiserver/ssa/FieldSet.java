package dev.kvasir.e2e.apiserver.ssa;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.StringJoiner;
import java.util.TreeMap;

/** A set of paths into an object, as a tree; immutable once it is handed out. */
public final class FieldSet {
  private boolean member;
  private final TreeMap<String, FieldSet> children = new TreeMap<>();

  /** Reads the form of managedFields, fieldsV1. */
  public static FieldSet parse(JsonNode fieldsV1) {
    FieldSet set = new FieldSet();
    for (var entry : fieldsV1.properties()) {
      if (entry.getKey().equals(".")) {
        set.member = true;
      } else {
        FieldSet child = parse(entry.getValue());
        child.member |= child.children.isEmpty();
        set.children.put(entry.getKey(), child);
      }
    }
    return set;
  }

  /** Writes the form of managedFields, fieldsV1. */
  public ObjectNode toFieldsV1() {
    ObjectNode json = Json.object();
    if (member && !children.isEmpty()) {
      json.putObject(".");
    }
    children.forEach((element, child) -> json.set(element, child.toFieldsV1()));
    return json;
  }

  void insert(List<String> path) {
    FieldSet set = this;
    for (String element : path) {
      set = set.children.computeIfAbsent(element, e -> new FieldSet());
    }
    set.member = true;
  }

  public boolean isEmpty() {
    return !member && children.isEmpty();
  }

  boolean member() {
    return member;
  }

  SortedMap<String, FieldSet> children() {
    return children;
  }

  public FieldSet union(FieldSet other) {
    FieldSet union = new FieldSet();
    union.member = member || other.member;
    union.children.putAll(children);
    other.children.forEach((e, child) -> union.children.merge(e, child, FieldSet::union));
    return union;
  }

  public FieldSet minus(FieldSet other) {
    FieldSet rest = new FieldSet();
    rest.member = member && !other.member;
    children.forEach((element, child) -> {
      FieldSet theirs = other.children.get(element);
      rest.putUnlessEmpty(element, theirs == null ? child : child.minus(theirs));
    });
    return rest;
  }

  public FieldSet intersect(FieldSet other) {
    FieldSet common = new FieldSet();
    common.member = member && other.member;
    children.forEach((element, child) -> {
      FieldSet theirs = other.children.get(element);
      if (theirs != null) {
        common.putUnlessEmpty(element, child.intersect(theirs));
      }
    });
    return common;
  }

  /** Without an element of the top level and all that lies under it. */
  FieldSet without(String element) {
    FieldSet rest = new FieldSet();
    rest.member = member;
    rest.children.putAll(children);
    rest.children.remove(element);
    return rest;
  }

  /** Only one element of the top level and what lies under it. */
  FieldSet only(String element) {
    FieldSet part = new FieldSet();
    FieldSet child = children.get(element);
    if (child != null) {
      part.children.put(element, child);
    }
    return part;
  }

  /** With every field that the schema names on the way to a member: who owns a.b holds a too. */
  FieldSet withNamedParents(Schema schema) {
    FieldSet set = new FieldSet();
    set.member = member;
    children.forEach((element, child) -> {
      boolean field = element.startsWith("f:");
      String name = element.substring(2);
      FieldSet inner = child.withNamedParents(field ? schema.field(name) : schema.item());
      inner.member |= field && schema.isNamed(name);
      set.children.put(element, inner);
    });
    return set;
  }

  /** Every member as people write it: .spec.containers[name="a"].image. */
  public List<String> paths() {
    List<String> paths = new ArrayList<>();
    collect("", paths);
    return paths;
  }

  private void collect(String prefix, List<String> paths) {
    if (member) {
      paths.add(prefix);
    }
    children.forEach((element, child) -> child.collect(prefix + readable(element), paths));
  }

  private static String readable(String element) {
    String rest = element.substring(2);
    return switch (element.charAt(0)) {
      case 'f' -> "." + rest;
      case 'k' -> "[" + readableKey(rest) + "]";
      default -> "[=" + rest + "]";
    };
  }

  private static String readableKey(String key) {
    try {
      StringJoiner joiner = new StringJoiner(",");
      Json.parse(key.getBytes(StandardCharsets.UTF_8))
          .properties()
          .forEach(e -> joiner.add(e.getKey() + "=" + e.getValue()));
      return joiner.toString();
    } catch (IOException e) {
      return key;
    }
  }

  private void putUnlessEmpty(String element, FieldSet child) {
    if (!child.isEmpty()) {
      children.put(element, child);
    }
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof FieldSet set && member == set.member && children.equals(set.children);
  }

  @Override
  public int hashCode() {
    return children.hashCode() + (member ? 1 : 0);
  }

  @Override
  public String toString() {
    return paths().toString();
  }
}
