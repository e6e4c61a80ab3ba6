package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.patch.JsonPatch;
import dev.kvasir.e2e.apiserver.patch.MergePatch;
import dev.kvasir.e2e.apiserver.patch.StrategicMergePatch;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.DeleteOptions;
import dev.kvasir.e2e.apiserver.write.Deleter;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import dev.kvasir.e2e.apiserver.write.WriteOptions;
import java.io.IOException;
import java.util.List;
import java.util.function.UnaryOperator;

/** The verbs on objects and their status: get, list, create, update, patch, apply, delete. */
final class ResourceHandler {
  private static final String MERGE = "application/merge-patch+json";
  private static final String JSON = "application/json-patch+json";
  private static final String STRATEGIC = "application/strategic-merge-patch+json";
  private static final String APPLY = "application/apply-patch+yaml";
  private static final String PATCHES = String.join(", ", JSON, MERGE, APPLY);
  private static final String BUILT_IN_PATCHES = String.join(", ", JSON, MERGE, STRATEGIC, APPLY);

  private final ObjectStore store;
  private final ObjectWriter writer;
  private final Deleter deleter;
  private final Representation representation;

  ResourceHandler(
      ObjectStore store, ObjectWriter writer, Deleter deleter, Representation representation) {
    this.store = store;
    this.writer = writer;
    this.deleter = deleter;
    this.representation = representation;
  }

  void handle(ApiRequest request, ResourcePath path) throws IOException {
    if (path.name().isEmpty()) {
      switch (request.method()) {
        case "GET" -> list(request, path);
        case "POST" -> create(request, path);
        case "DELETE" -> deleteAll(request, path);
        default -> throw ApiException.methodNotAllowed();
      }
      return;
    }
    path.requireHome();
    switch (request.method()) {
      case "GET" -> respond(request, path, 200, require(path));
      case "PUT" -> update(request, path);
      case "PATCH" -> patch(request, path);
      case "DELETE" -> delete(request, path);
      default -> throw ApiException.methodNotAllowed();
    }
  }

  private void list(ApiRequest request, ResourcePath path) throws IOException {
    Selection selection = Selection.of(request, path);
    ObjectStore.Snapshot snapshot = store.list(path.type().collection());
    List<KubeObject> objects = snapshot.objects().stream().filter(selection).toList();
    View view = representation.of(request, path.type());
    Page page = Page.of(objects, request);
    ObjectNode list = view.list(page.objects(), snapshot.version());
    page.describe((ObjectNode) list.get("metadata"));
    Responses.json(request.exchange(), 200, list);
  }

  private void create(ApiRequest request, ResourcePath path) throws IOException {
    path.requireHome();
    KubeObject sent = representation.conversion().toStored(request.object(), path.type());
    WriteOptions options = request.writeOptions("");
    KubeObject made = writer.create(storedAs(path), path.namespace(), sent, options);
    respond(request, path, 201, made);
  }

  private void update(ApiRequest request, ResourcePath path) throws IOException {
    KubeObject sent = representation.conversion().toStored(request.object(), path.type());
    WriteOptions options = request.writeOptions(path.subresource());
    respond(request, path, 200, writer.update(storedAs(path), path.key(), sent, options));
  }

  private void patch(ApiRequest request, ResourcePath path) throws IOException {
    JsonNode body = request.body();
    WriteOptions options = request.writeOptions(path.subresource());
    if (request.contentType().equals(APPLY)) {
      apply(request, path, body);
      return;
    }
    UnaryOperator<JsonNode> patch = patch(request.contentType(), body, path.type());
    WriteOptions patching = options.patching(body.toString());
    respond(request, path, 200, writer.patch(storedAs(path), path.key(), patch, patching));
  }

  static UnaryOperator<JsonNode> patch(String contentType, JsonNode body, ResourceType type) {
    return switch (contentType) {
      case MERGE -> target -> MergePatch.apply(target, body);
      case JSON -> target -> JsonPatch.apply(target, body);
      case STRATEGIC -> {
        if (type.custom()) {
          throw ApiException.unsupportedMediaType(PATCHES);
        }
        yield target -> StrategicMergePatch.apply(target, body, type.schema());
      }
      default ->
          throw ApiException.unsupportedMediaType(type.custom() ? PATCHES : BUILT_IN_PATCHES);
    };
  }

  private void apply(ApiRequest request, ResourcePath path, JsonNode body) throws IOException {
    if (request.parameter("fieldManager").isEmpty()) {
      throw ApiException.invalid(
          path.type(),
          path.name(),
          List.of(ApiException.Cause.required("fieldManager", "is required for apply patch")));
    }
    if (!(body instanceof ObjectNode object)) {
      throw ApiException.badRequest("an applied configuration is one object");
    }
    KubeObject sent = representation.conversion().toStored(new KubeObject(object), path.type());
    WriteOptions options = request.writeOptions(path.subresource());
    ObjectWriter.Written written = writer.apply(storedAs(path), path.key(), sent, options);
    respond(request, path, written.created() ? 201 : 200, written.object());
  }

  private void delete(ApiRequest request, ResourcePath path) throws IOException {
    DeleteOptions options = DeleteOptions.of(request.body(), request.query());
    Deleter.Deleted deleted = deleter.delete(storedAs(path), path.key(), options);
    boolean whole = !deleted.gone() || path.type().collection().equals("pods");
    if (whole) {
      respond(request, path, 200, deleted.object());
    } else {
      Responses.json(request.exchange(), 200, success(path.type(), deleted.object()));
    }
  }

  private static ObjectNode success(ResourceType type, KubeObject gone) {
    ObjectNode status = Json.object();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    ObjectNode details = status.put("status", "Success").putObject("details");
    details.put("name", gone.name());
    if (!type.group().isEmpty()) {
      details.put("group", type.group());
    }
    details.put("kind", type.plural()).put("uid", gone.uid());
    return status;
  }

  private void deleteAll(ApiRequest request, ResourcePath path) throws IOException {
    path.requireHome();
    DeleteOptions options = DeleteOptions.of(request.body(), request.query());
    Selection selection = Selection.of(request, path);
    ObjectStore.Snapshot snapshot = store.list(path.type().collection());
    List<KubeObject> chosen = snapshot.objects().stream().filter(selection).toList();
    for (KubeObject object : chosen) {
      deleteOneOfMany(path.type(), object, options);
    }
    View view = representation.of(request, path.type());
    Responses.json(request.exchange(), 200, view.list(chosen, snapshot.version()));
  }

  private void deleteOneOfMany(ResourceType type, KubeObject object, DeleteOptions options) {
    try {
      deleter.delete(type, ObjectKey.of(object), options);
    } catch (ApiException e) {
      if (e.code() != 404) {
        throw e;
      }
    }
  }

  private KubeObject require(ResourcePath path) {
    return store
        .get(path.type().collection(), path.key())
        .orElseThrow(() -> ApiException.notFound(path.type(), path.name()));
  }

  private ResourceType storedAs(ResourcePath path) {
    return representation.conversion().stored(path.type());
  }

  private void respond(ApiRequest request, ResourcePath path, int code, KubeObject object)
      throws IOException {
    View view = representation.of(request, path.type());
    Responses.json(request.exchange(), code, view.one(object));
  }
}
