package dev.kvasir.e2e.apiserver.selection;

import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * A field selector; which fields can be selected by depends on the resource, as it does upstream.
 */
public record FieldSelector(List<Term> terms) implements Predicate<KubeObject> {
  private static final Map<String, Set<String>> FIELDS =
      Map.of(
          "pods",
          Set.of(
              "spec.nodeName",
              "spec.restartPolicy",
              "spec.schedulerName",
              "spec.serviceAccountName",
              "spec.hostNetwork",
              "status.phase",
              "status.podIP",
              "status.nominatedNodeName"),
          "events",
          Set.of(
              "involvedObject.kind",
              "involvedObject.namespace",
              "involvedObject.name",
              "involvedObject.uid",
              "involvedObject.apiVersion",
              "involvedObject.resourceVersion",
              "involvedObject.fieldPath",
              "reason",
              "reportingComponent",
              "source",
              "type"),
          "secrets",
          Set.of("type"),
          "namespaces",
          Set.of("status.phase"),
          "nodes",
          Set.of("spec.unschedulable"),
          "replicasets.apps",
          Set.of("status.replicas"),
          "services",
          Set.of("spec.clusterIP", "spec.type"));

  /** One field and the value that it must have, or must not have. */
  public record Term(String field, boolean equal, String value) {
    boolean holds(KubeObject object) {
      String path = field.equals("source") ? "source.component" : field;
      return object.at(path).asText("").equals(value) == equal;
    }
  }

  public static FieldSelector parse(String text, ResourceType type) {
    List<Term> terms = new ArrayList<>();
    for (String part : text.split(",", -1)) {
      if (!part.isBlank()) {
        terms.add(term(part.strip(), type));
      }
    }
    return new FieldSelector(List.copyOf(terms));
  }

  @Override
  public boolean test(KubeObject object) {
    return terms.stream().allMatch(t -> t.holds(object));
  }

  private static Term term(String part, ResourceType type) {
    boolean unequal = part.contains("!=");
    String[] sides = part.split(unequal ? "!=" : "==?", 2);
    if (sides.length != 2) {
      throw ApiException.badRequest(
          "invalid selector: '%s'; can't understand '%s'".formatted(part, part));
    }
    String field = sides[0].strip();
    boolean known =
        field.equals("metadata.name")
            || field.equals("metadata.namespace")
            || FIELDS.getOrDefault(type.collection(), Set.of()).contains(field);
    if (!known) {
      throw ApiException.badRequest("field label not supported: " + field);
    }
    return new Term(field, !unequal, sides[1].strip());
  }
}
