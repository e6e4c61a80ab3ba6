package dev.kvasir.e2e.apiserver.table;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;

/** The columns of the built-in kinds, as kube-apiserver has them. */
final class BuiltInColumns {
  private static final String NONE = "<none>";

  private static final Map<String, List<Column>> COLUMNS =
      Map.ofEntries(
          Map.entry("pods", PodColumns.COLUMNS),
          Map.entry("events", EventColumns.COLUMNS),
          Map.entry("nodes", NodeColumns.COLUMNS),
          Map.entry(
              "namespaces",
              List.of(Column.name(), textAt("Status", "status.phase", ""), Column.age())),
          Map.entry(
              "services",
              List.of(
                  Column.name(),
                  textAt("Type", "spec.type", ""),
                  textAt("Cluster-IP", "spec.clusterIP", NONE),
                  Column.text("External-IP", o -> NONE),
                  Column.text("Port(s)", BuiltInColumns::ports),
                  Column.age(),
                  Column.wide("Selector", o -> pairs(o.spec().path("selector"))))),
          Map.entry(
              "deployments.apps",
              List.of(
                  Column.name(),
                  Column.text(
                      "Ready", o -> count(o, "readyReplicas") + "/" + o.spec().path("replicas")),
                  Column.number("Up-to-date", o -> count(o, "updatedReplicas")),
                  Column.number("Available", o -> count(o, "availableReplicas")),
                  Column.age(),
                  Column.wide("Containers", o -> containers(o, "name")),
                  Column.wide("Images", o -> containers(o, "image")),
                  Column.wide("Selector", BuiltInColumns::selector))),
          Map.entry(
              "replicasets.apps",
              List.of(
                  Column.name(),
                  Column.number("Desired", o -> o.spec().path("replicas").asInt()),
                  Column.number("Current", o -> count(o, "replicas")),
                  Column.number("Ready", o -> count(o, "readyReplicas")),
                  Column.age(),
                  Column.wide("Containers", o -> containers(o, "name")),
                  Column.wide("Images", o -> containers(o, "image")),
                  Column.wide("Selector", BuiltInColumns::selector))),
          Map.entry(
              "configmaps",
              List.of(
                  Column.name(),
                  Column.number(
                      "Data",
                      o -> o.json().path("data").size() + o.json().path("binaryData").size()),
                  Column.age())),
          Map.entry(
              "secrets",
              List.of(
                  Column.name(),
                  textAt("Type", "type", ""),
                  Column.number("Data", o -> o.json().path("data").size()),
                  Column.age())),
          Map.entry(
              "serviceaccounts",
              List.of(
                  Column.name(),
                  Column.number("Secrets", o -> o.json().path("secrets").size()),
                  Column.age())),
          Map.entry(
              "leases.coordination.k8s.io",
              List.of(Column.name(), textAt("Holder", "spec.holderIdentity", ""), Column.age())),
          Map.entry(
              "poddisruptionbudgets.policy",
              List.of(
                  Column.name(),
                  textAt("Min Available", "spec.minAvailable", "N/A"),
                  textAt("Max Unavailable", "spec.maxUnavailable", "N/A"),
                  Column.number("Allowed Disruptions", o -> count(o, "disruptionsAllowed")),
                  Column.age())),
          Map.entry(
              "networkpolicies.networking.k8s.io",
              List.of(
                  Column.name(),
                  Column.text("Pod-Selector", o -> pairs(o.at("spec.podSelector.matchLabels"))),
                  Column.age())),
          Map.entry(
              "controllerrevisions.apps",
              List.of(
                  Column.name(),
                  Column.text("Controller", BuiltInColumns::controller),
                  Column.number("Revision", o -> o.json().path("revision").asInt()),
                  Column.age())),
          Map.entry(
              "customresourcedefinitions.apiextensions.k8s.io",
              List.of(Column.name(), textAt("Created At", "metadata.creationTimestamp", ""))));

  private BuiltInColumns() {}

  static List<Column> of(String collection) {
    return COLUMNS.getOrDefault(collection, List.of(Column.name(), Column.age()));
  }

  static Column textAt(String name, String path, String otherwise) {
    return Column.text(name, o -> o.at(path).asText(otherwise));
  }

  /** Labels as a selector: a=b,c=d. */
  static String pairs(JsonNode labels) {
    StringJoiner joiner = new StringJoiner(",");
    joiner.setEmptyValue(NONE);
    labels.properties().forEach(e -> joiner.add(e.getKey() + "=" + e.getValue().asText()));
    return joiner.toString();
  }

  private static int count(KubeObject object, String field) {
    return object.status().path(field).asInt();
  }

  private static String containers(KubeObject workload, String field) {
    StringJoiner joiner = new StringJoiner(",");
    workload.at("spec.template.spec.containers").forEach(c -> joiner.add(Json.text(c, field)));
    return joiner.toString();
  }

  private static String selector(KubeObject workload) {
    return pairs(workload.at("spec.selector.matchLabels"));
  }

  private static String ports(KubeObject service) {
    StringJoiner joiner = new StringJoiner(",");
    joiner.setEmptyValue(NONE);
    service
        .spec()
        .path("ports")
        .forEach(p -> joiner.add(p.path("port").asText() + "/" + Json.text(p, "protocol")));
    return joiner.toString();
  }

  private static String controller(KubeObject object) {
    for (JsonNode owner : object.json().path("metadata").path("ownerReferences")) {
      if (owner.path("controller").asBoolean()) {
        String group = Json.text(owner, "apiVersion").replaceFirst("/?[^/]*$", "");
        String kind = Json.text(owner, "kind").toLowerCase(Locale.ROOT);
        return kind + (group.isEmpty() ? "" : "." + group) + "/" + Json.text(owner, "name");
      }
    }
    return NONE;
  }
}
