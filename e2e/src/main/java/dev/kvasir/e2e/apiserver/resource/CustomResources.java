package dev.kvasir.e2e.apiserver.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.model.ResourceType.Names;
import dev.kvasir.e2e.apiserver.model.ResourceType.PrinterColumn;
import dev.kvasir.e2e.apiserver.model.ResourceType.ScalePaths;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Reads the resources that a CustomResourceDefinition defines. */
final class CustomResources {
  private final ModelSchemas schemas;

  CustomResources(ModelSchemas schemas) {
    this.schemas = schemas;
  }

  /** One resource for every served version. */
  List<ResourceType> of(KubeObject definition) {
    List<ResourceType> types = new ArrayList<>();
    for (JsonNode version : definition.spec().path("versions")) {
      if (version.path("served").asBoolean()) {
        types.add(type(definition.spec(), version));
      }
    }
    return types;
  }

  private ResourceType type(JsonNode spec, JsonNode version) {
    JsonNode subresources = version.path("subresources");
    Set<String> names = new LinkedHashSet<>();
    subresources.fieldNames().forEachRemaining(names::add);
    return new ResourceType(
        Json.text(spec, "group"),
        Json.text(version, "name"),
        Json.text(spec.path("names"), "kind"),
        names(spec.path("names")),
        Json.text(spec, "scope").equals("Namespaced"),
        true,
        Set.copyOf(names),
        scale(subresources.path("scale")),
        schemas.customResource(
            version.path("schema").path("openAPIV3Schema") instanceof ObjectNode schema
                ? schema
                : Json.object()),
        columns(version.path("additionalPrinterColumns")));
  }

  private static Names names(JsonNode names) {
    String kind = Json.text(names, "kind");
    String singular = names.path("singular").asText(kind.toLowerCase(Locale.ROOT));
    return new Names(
        Json.text(names, "plural"),
        singular,
        Json.texts(names.path("shortNames")),
        Json.texts(names.path("categories")));
  }

  private static Optional<ScalePaths> scale(JsonNode scale) {
    if (scale.isMissingNode()) {
      return Optional.empty();
    }
    return Optional.of(
        new ScalePaths(
            Json.text(scale, "specReplicasPath").substring(1),
            Json.text(scale, "statusReplicasPath").substring(1),
            scale.path("labelSelectorPath").asText(".").substring(1)));
  }

  private static List<PrinterColumn> columns(JsonNode columns) {
    List<PrinterColumn> list = new ArrayList<>();
    for (JsonNode column : columns) {
      list.add(
          new PrinterColumn(
              Json.text(column, "name"),
              Json.text(column, "type"),
              Json.text(column, "format"),
              Json.text(column, "description"),
              column.path("priority").asInt(),
              Json.text(column, "jsonPath")));
    }
    return list;
  }
}
