package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import java.io.IOException;
import java.util.List;

/**
 * OpenAPI v3 as far as kubectl reads it: that writes take fieldValidation, and the fields of every
 * kind for kubectl explain.
 */
final class OpenApiHandler {
  private final ResourceRegistry registry;

  OpenApiHandler(ResourceRegistry registry) {
    this.registry = registry;
  }

  void handle(ApiRequest request) throws IOException {
    List<String> path = request.path();
    if (!request.method().equals("GET")) {
      throw ApiException.methodNotAllowed();
    }
    if (path.size() < 2 || !path.get(1).equals("v3")) {
      throw ApiException.noSuchPath();
    }
    Responses.json(
        request.exchange(),
        200,
        path.size() == 2 ? index() : document(String.join("/", path.subList(2, path.size()))));
  }

  private ObjectNode index() {
    ObjectNode index = Json.object();
    ObjectNode paths = index.putObject("paths");
    for (ResourceType type : registry.types()) {
      String path = pathOf(type);
      paths.putObject(path).put("serverRelativeURL", "/openapi/v3/" + path);
    }
    return index;
  }

  private static String pathOf(ResourceType type) {
    return (type.group().isEmpty() ? "api/" : "apis/") + type.apiVersion();
  }

  private ObjectNode document(String path) {
    List<ResourceType> types =
        registry.types().stream().filter(t -> pathOf(t).equals(path)).toList();
    if (types.isEmpty()) {
      throw ApiException.noSuchPath();
    }
    ObjectNode document = Json.object().put("openapi", "3.0.0");
    document.putObject("info").put("title", "Kvasir's local cluster").put("version", "v1");
    ObjectNode paths = document.putObject("paths");
    types.forEach(type -> describe(type, paths));
    OpenApiSchemas schemas = new OpenApiSchemas(registry.schemas());
    types.forEach(schemas::add);
    document.putObject("components").set("schemas", schemas.json());
    return document;
  }

  private static void describe(ResourceType type, ObjectNode paths) {
    String home = type.namespaced() ? "/namespaces/{namespace}/" : "/";
    String many = "/" + pathOf(type) + home + type.plural();
    ObjectNode post = paths.putObject(many).putObject("post");
    operation(post, type);
    ObjectNode one = paths.putObject(many + "/{name}");
    operation(one.putObject("put"), type);
    operation(one.putObject("patch"), type);
  }

  private static void operation(ObjectNode operation, ResourceType type) {
    ArrayNode parameters = operation.putArray("parameters");
    for (String name : List.of("dryRun", "fieldManager", "fieldValidation")) {
      ObjectNode parameter = parameters.addObject().put("name", name).put("in", "query");
      parameter.putObject("schema").put("type", "string");
    }
    operation.set("x-kubernetes-group-version-kind", OpenApiSchemas.kind(type));
    operation.putObject("responses").putObject("200").put("description", "OK");
  }
}
