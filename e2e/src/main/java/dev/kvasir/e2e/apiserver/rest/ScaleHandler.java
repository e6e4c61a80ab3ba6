package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType.ScalePaths;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import dev.kvasir.e2e.apiserver.write.WriteOptions;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.StringJoiner;
import java.util.function.UnaryOperator;

/** The scale subresource: the number of replicas of anything that has one. */
final class ScaleHandler {
  private final ObjectStore store;
  private final ObjectWriter writer;

  ScaleHandler(ObjectStore store, ObjectWriter writer) {
    this.store = store;
    this.writer = writer;
  }

  void handle(ApiRequest request, ResourcePath path) throws IOException {
    path.requireHome();
    ScalePaths paths = path.type().scale().orElseThrow(ApiException::noSuchPath);
    switch (request.method()) {
      case "GET" -> respond(request, scaleOf(require(path), paths));
      case "PUT" -> {
        ObjectNode sent = request.object().json();
        change(request, path, paths, scale -> sent);
      }
      case "PATCH" -> {
        JsonNode body = request.body();
        // A Scale has no lists: whichever merge the client names comes to the same.
        String type = request.contentType().replace("strategic-merge", "merge");
        change(request, path, paths, ResourceHandler.patch(type, body, path.type()));
      }
      default -> throw ApiException.methodNotAllowed();
    }
  }

  private void change(
      ApiRequest request, ResourcePath path, ScalePaths paths, UnaryOperator<JsonNode> change)
      throws IOException {
    WriteOptions options = request.writeOptions("");
    WriteOptions asScale = options.through("scale");
    KubeObject changed =
        writer.patch(
            path.type(),
            path.key(),
            object -> scaled((ObjectNode) object, paths, change, path),
            asScale);
    respond(request, scaleOf(changed, paths));
  }

  private static JsonNode scaled(
      ObjectNode object, ScalePaths paths, UnaryOperator<JsonNode> change, ResourcePath path) {
    KubeObject live = new KubeObject(object);
    JsonNode wanted = change.apply(scaleOf(live, paths));
    JsonNode replicas = wanted.path("spec").path("replicas");
    int number = replicas.asInt();
    if ((!replicas.isMissingNode() && !replicas.canConvertToInt()) || number < 0) {
      throw ApiException.invalid(
          path.type(),
          path.name(),
          List.of(
              ApiException.Cause.invalid(
                  "spec.replicas", replicas.toString(), "must be greater than or equal to 0")));
    }
    String version = wanted.path("metadata").path("resourceVersion").asText("");
    live.metadata().put("resourceVersion", version);
    put(object, paths.spec(), number);
    return object;
  }

  private static void put(ObjectNode object, String path, int value) {
    List<String> names = Arrays.asList(path.split("\\."));
    ObjectNode parent = object;
    for (String name : names.subList(0, names.size() - 1)) {
      parent = Json.child(parent, name);
    }
    parent.put(names.getLast(), value);
  }

  private static ObjectNode scaleOf(KubeObject object, ScalePaths paths) {
    ObjectNode scale = Json.object().put("kind", "Scale").put("apiVersion", "autoscaling/v1");
    ObjectNode metadata = scale.putObject("metadata");
    for (String name :
        List.of("name", "namespace", "uid", "resourceVersion", "creationTimestamp")) {
      if (object.metadata().has(name)) {
        metadata.set(name, object.metadata().get(name));
      }
    }
    scale.putObject("spec").put("replicas", object.at(paths.spec()).asInt());
    ObjectNode status = scale.putObject("status");
    status.put("replicas", object.at(paths.status()).asInt());
    if (!paths.selector().isEmpty()) {
      status.put("selector", selector(object.at(paths.selector())));
    }
    return scale;
  }

  private static String selector(JsonNode selector) {
    if (!selector.isObject()) {
      return selector.asText("");
    }
    StringJoiner joiner = new StringJoiner(",");
    selector
        .path("matchLabels")
        .properties()
        .forEach(e -> joiner.add(e.getKey() + "=" + e.getValue().asText()));
    return joiner.toString();
  }

  private KubeObject require(ResourcePath path) {
    return store
        .get(path.type().collection(), path.key())
        .orElseThrow(() -> ApiException.notFound(path.type(), path.name()));
  }

  private static void respond(ApiRequest request, ObjectNode scale) throws IOException {
    Responses.json(request.exchange(), 200, scale);
  }
}
