package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.selection.LabelSelector;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What Deployments and ReplicaSets share: a selector, replicas and a template that match. */
final class WorkloadChecks {
  private WorkloadChecks() {}

  static void defaults(ObjectNode spec) {
    Json.setDefault(spec, "replicas", 1);
    PodDefaults.apply(Json.child(Json.child(spec, "template"), "spec"));
  }

  static List<Cause> validate(KubeObject workload) {
    List<Cause> causes = new ArrayList<>();
    JsonNode spec = workload.spec();
    JsonNode selector = spec.path("selector");
    if (selector.isMissingNode()) {
      causes.add(Cause.required("spec.selector"));
    } else if (selector.isEmpty()) {
      causes.add(Cause.invalid("spec.selector", "{}", "empty selector is invalid for deployment"));
    }
    JsonNode labels = spec.path("template").path("metadata").path("labels");
    if (!selector.isEmpty() && !LabelSelector.of(selector).test(strings(labels))) {
      String shown = labels.isObject() ? labels.toString() : "{}";
      causes.add(
          Cause.invalid(
              "spec.template.metadata.labels",
              shown,
              "`selector` does not match template `labels`"));
    }
    causes.addAll(LabelChecks.of(labels, "spec.template.metadata.labels"));
    notNegative(spec, "replicas", causes);
    causes.addAll(PodChecks.of(spec.path("template").path("spec"), "spec.template.spec"));
    return causes;
  }

  static List<Cause> validateUpdate(KubeObject before, KubeObject after) {
    List<Cause> causes = new ArrayList<>(validate(after));
    if (!before.spec().path("selector").equals(after.spec().path("selector"))) {
      causes.add(
          Cause.invalid(
              "spec.selector", after.spec().path("selector").toString(), "field is immutable"));
    }
    return causes;
  }

  static void notNegative(JsonNode spec, String field, List<Cause> causes) {
    if (spec.path(field).asInt() < 0) {
      causes.add(
          Cause.invalid(
              "spec." + field, spec.path(field).asText(), "must be greater than or equal to 0"));
    }
  }

  private static Map<String, String> strings(JsonNode map) {
    Map<String, String> strings = new LinkedHashMap<>();
    map.properties().forEach(e -> strings.put(e.getKey(), e.getValue().asText()));
    return strings;
  }
}
