package dev.kvasir.e2e.apiserver.kinds;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.cel.CelRules;
import dev.kvasir.e2e.apiserver.model.ApiException.Cause;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A CustomResourceDefinition is established, and served, as soon as it is stored. */
final class DefinitionRules implements KindRules {
  private final ResourceRegistry registry;
  private final CelRules rules;
  private final Clock clock;

  DefinitionRules(ResourceRegistry registry, CelRules rules, Clock clock) {
    this.registry = registry;
    this.rules = rules;
    this.clock = clock;
  }

  @Override
  public void create(KubeObject definition) {
    ObjectNode status = definition.json().putObject("status");
    ArrayNode conditions = status.putArray("conditions");
    condition(conditions, "NamesAccepted", "NoConflicts", "no conflicts found");
    condition(
        conditions, "Established", "InitialNamesAccepted", "the initial names have been accepted");
  }

  private void condition(ArrayNode conditions, String type, String reason, String message) {
    conditions
        .addObject()
        .put("lastTransitionTime", KubeObject.timestamp(clock.instant()))
        .put("message", message)
        .put("reason", reason)
        .put("status", "True")
        .put("type", type);
  }

  @Override
  public void defaults(KubeObject definition) {
    ObjectNode spec = Json.child(definition.json(), "spec");
    ObjectNode names = Json.child(spec, "names");
    String kind = Json.text(names, "kind");
    Json.setDefault(names, "singular", kind.toLowerCase(Locale.ROOT));
    Json.setDefault(names, "listKind", kind + "List");
    Json.setDefault(Json.child(spec, "conversion"), "strategy", "None");
    ObjectNode status = Json.child(definition.json(), "status");
    status.set("acceptedNames", names.deepCopy());
    status.set("storedVersions", storedVersions(spec));
  }

  private static ArrayNode storedVersions(JsonNode spec) {
    ArrayNode stored = Json.array();
    for (JsonNode version : spec.path("versions")) {
      if (version.path("storage").asBoolean()) {
        stored.add(Json.text(version, "name"));
      }
    }
    return stored;
  }

  @Override
  public List<Cause> validate(KubeObject definition) {
    List<Cause> causes = new ArrayList<>();
    JsonNode spec = definition.spec();
    String expected = Json.text(spec.path("names"), "plural") + "." + Json.text(spec, "group");
    if (!definition.name().equals(expected)) {
      causes.add(
          Cause.invalid(
              "metadata.name",
              "\"" + definition.name() + "\"",
              "must be spec.names.plural+\".\"+spec.group"));
    }
    for (String field : List.of("group", "scope", "versions")) {
      if (spec.path(field).isMissingNode()) {
        causes.add(Cause.required("spec." + field));
      }
    }
    JsonNode versions = spec.path("versions");
    for (int i = 0; i < versions.size(); i++) {
      causes.addAll(
          schema(versions.get(i).path("schema"), "spec.versions[%d].schema".formatted(i)));
    }
    if (storedVersions(spec).size() != 1) {
      causes.add(
          Cause.invalid(
              "spec.versions",
              "\"array\"",
              "must have exactly one version marked as storage version"));
    }
    if (!Json.text(spec.path("conversion"), "strategy").equals("None")) {
      causes.add(
          Cause.invalid(
              "spec.conversion.strategy",
              "\"Webhook\"",
              "this control plane converts between versions that have the same fields only"));
    }
    return causes;
  }

  private List<Cause> schema(JsonNode schema, String path) {
    String field = path + ".openAPIV3Schema";
    JsonNode openApi = schema.path("openAPIV3Schema");
    return openApi.isObject()
        ? rules.problems(Schema.parse(openApi), field)
        : List.of(Cause.required(field, "schemas are required"));
  }

  @Override
  public void deleting(KubeObject definition) {
    List<String> finalizers = new ArrayList<>(definition.finalizers());
    if (!finalizers.contains(KindCatalog.DEFINITION_CLEANUP)) {
      finalizers.add(KindCatalog.DEFINITION_CLEANUP);
      definition.setFinalizers(finalizers);
    }
  }

  @Override
  public void stored(KubeObject definition) {
    registry.define(definition);
  }

  @Override
  public void removed(KubeObject definition) {
    registry.undefine(definition.name());
  }
}
