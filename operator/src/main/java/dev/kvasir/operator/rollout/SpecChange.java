package dev.kvasir.operator.rollout;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.api.v1alpha1.Consequence;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** What changed between two specs, and what that means for the pods. */
public record SpecChange(List<Field> fields) {
  private static final int LONGEST_VALUE = 60;

  /** One changed field; a value that is not set is null. */
  public record Field(String path, JsonNode from, JsonNode to, Consequence consequence) {

    /** For example: {@code spec.runtime.maxModelLen changed from 4096 to 8192}. */
    String sentence() {
      if (to == null) {
        return path + " removed";
      }
      if (isLong(from) || isLong(to)) {
        return path + " changed";
      }
      String value = to.asText();
      return from == null
          ? path + " set to " + value
          : path + " changed from " + from.asText() + " to " + value;
    }

    /** Lists and maps too: they may hold what an event must not repeat. */
    private static boolean isLong(JsonNode value) {
      return value != null && (value.isContainerNode() || value.asText().length() > LONGEST_VALUE);
    }
  }

  public SpecChange {
    fields = List.copyOf(fields);
  }

  public static SpecChange between(InferenceDeploymentSpec before, InferenceDeploymentSpec after) {
    Map<String, SpecFields.Leaf> old = SpecFields.of(before);
    Map<String, SpecFields.Leaf> now = SpecFields.of(after);
    TreeSet<String> paths = new TreeSet<>(old.keySet());
    paths.addAll(now.keySet());
    List<Field> changed = new ArrayList<>();
    for (String path : paths) {
      SpecFields.Leaf from = old.get(path);
      SpecFields.Leaf to = now.get(path);
      if (!Objects.equals(from, to)) {
        changed.add(field(path, from, to));
      }
    }
    return new SpecChange(changed);
  }

  private static Field field(String path, SpecFields.Leaf from, SpecFields.Leaf to) {
    return new Field(
        path,
        from == null ? null : from.value(),
        to == null ? null : to.value(),
        (from == null ? to : from).consequence());
  }

  /** The gravest consequence of all changed fields. */
  public Consequence consequence() {
    return fields.stream()
        .map(Field::consequence)
        .max(Consequence::compareTo)
        .orElse(Consequence.NOTHING);
  }

  /** Why: the fields with that consequence, for people. */
  public String because() {
    return fields.stream()
        .filter(field -> field.consequence() == consequence())
        .map(Field::sentence)
        .collect(Collectors.joining(", "));
  }
}
