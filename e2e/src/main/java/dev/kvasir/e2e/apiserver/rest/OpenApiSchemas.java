package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.schema.ModelSchemas;
import dev.kvasir.e2e.apiserver.schema.Schema;
import java.util.List;
import java.util.Optional;

/** Collects the schemas of kinds, those of the client's model under names of their own. */
final class OpenApiSchemas {
  private final ModelSchemas models;
  private final ObjectNode components = Json.object();

  OpenApiSchemas(ModelSchemas models) {
    this.models = models;
  }

  static ObjectNode kind(ResourceType type) {
    return Json.object()
        .put("group", type.group())
        .put("version", type.version())
        .put("kind", type.kind());
  }

  void add(ResourceType type) {
    ObjectNode schema = write(type.schema());
    schema.putArray("x-kubernetes-group-version-kind").add(kind(type));
    String name = type.group().isEmpty() ? "core" : type.group();
    components.set(name + "." + type.version() + "." + type.kind(), schema);
  }

  ObjectNode json() {
    return components;
  }

  /** A schema in full. */
  private ObjectNode write(Schema schema) {
    ObjectNode json = schema.source().deepCopy();
    json.remove(List.of("properties", "additionalProperties", "items"));
    if (!schema.properties().isEmpty()) {
      ObjectNode properties = json.putObject("properties");
      schema.properties().forEach((name, field) -> properties.set(name, field(field)));
    }
    schema.additional().ifPresent(values -> json.set("additionalProperties", field(values)));
    schema.items().ifPresent(items -> json.set("items", field(items)));
    return json;
  }

  /** A schema where it is used: by reference if it has a name. */
  private ObjectNode field(Schema schema) {
    Optional<String> name = models.nameOf(schema);
    if (name.isEmpty()) {
      return write(schema);
    }
    if (!components.has(name.get())) {
      // Reserved first: a schema may hold itself.
      components.putObject(name.get());
      components.set(name.get(), write(schema));
    }
    ObjectNode reference = Json.object();
    // kubectl explain reads references to one schema through allOf.
    reference.putArray("allOf").addObject().put("$ref", "#/components/schemas/" + name.get());
    return reference;
  }
}
