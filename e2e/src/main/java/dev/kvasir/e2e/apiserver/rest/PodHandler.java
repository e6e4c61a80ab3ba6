package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.model.ResourceType;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.store.ObjectKey;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.DeleteOptions;
import dev.kvasir.e2e.apiserver.write.Deleter;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import java.io.IOException;
import java.util.Map;

/** The subresources of pods: log, binding, eviction. */
final class PodHandler {
  private final ObjectStore store;
  private final ObjectWriter writer;
  private final Deleter deleter;
  private final Evictions evictions;
  private final KubeletClient kubelets;
  private final ResourceType pods;

  PodHandler(ObjectStore store, ResourceRegistry registry, ObjectWriter writer, Deleter deleter) {
    this.store = store;
    this.writer = writer;
    this.deleter = deleter;
    this.evictions = new Evictions(store);
    this.kubelets = new KubeletClient(store);
    this.pods = registry.builtIn("", "v1", "pods");
  }

  void handle(ApiRequest request, ResourcePath path) throws IOException {
    path.requireHome();
    String wanted = path.subresource().equals("log") ? "GET" : "POST";
    if (!request.method().equals(wanted)) {
      throw ApiException.methodNotAllowed();
    }
    switch (path.subresource()) {
      case "log" -> kubelets.log(request, require(path.key()));
      case "binding" -> bind(request, path);
      default -> evict(request, path);
    }
  }

  private KubeObject require(ObjectKey key) {
    return store
        .get(pods.collection(), key)
        .orElseThrow(() -> ApiException.notFound(pods, key.name()));
  }

  /** Gives a pod its node, once. */
  private void bind(ApiRequest request, ResourcePath path) throws IOException {
    String node = Json.text(request.object().json().path("target"), "name");
    if (node.isEmpty()) {
      throw ApiException.badRequest("target.name: Required value");
    }
    store.transaction(() -> {
      KubeObject live = require(path.key());
      String bound = Json.text(live.spec(), "nodeName");
      if (live.deleting() || !bound.isEmpty()) {
        String why =
            live.deleting()
                ? "pod %s is being deleted, cannot be assigned to a host"
                : "pod %s is already assigned to node \"" + bound + "\"";
        throw ApiException.conflict(pods, live.name(), why.formatted(live.name()));
      }
      return writer.bind(live, node, pods);
    });
    Responses.json(request.exchange(), 201, success());
  }

  private void evict(ApiRequest request, ResourcePath path) throws IOException {
    JsonNode eviction = request.object().json();
    DeleteOptions options = DeleteOptions.of(eviction.path("deleteOptions"), Map.of());
    store.transaction(() -> {
      evictions.check(require(path.key()));
      return deleter.delete(pods, path.key(), options);
    });
    Responses.json(request.exchange(), 201, success());
  }

  private static ObjectNode success() {
    ObjectNode status = Json.object().put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    return status.put("status", "Success").put("code", 201);
  }
}
