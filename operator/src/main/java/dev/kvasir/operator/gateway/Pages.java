package dev.kvasir.operator.gateway;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.prometheus.client.exporter.common.TextFormat;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import java.util.Set;

/** What the gateway answers by itself: models, health, metrics. */
final class Pages {
  static final String MODELS = "/v1/models";
  private static final Set<String> OWN =
      Set.of(MODELS, "/health", "/health/live", "/health/startup", "/health/ready", "/metrics");
  private static final JsonMapper JSON = new JsonMapper();

  private final Gateway gateway;

  Pages(Gateway gateway) {
    this.gateway = gateway;
  }

  boolean has(String path) {
    return OWN.contains(path) || path.startsWith(MODELS + "/");
  }

  void answer(HttpServerRequest request, String path, Reply reply) {
    switch (path) {
      case MODELS -> reply.json(200, models());
      case "/health", "/health/live" -> reply.json(200, "{\"status\":\"live\"}");
      case "/health/startup" -> health(gateway.pools().isKnown(), "starting", reply);
      case "/health/ready" ->
          health(
              gateway.pools().isKnown() && !gateway.drain().isDraining(),
              gateway.drain().isDraining() ? "draining" : "starting",
              reply);
      case "/metrics" -> metrics(request, reply);
      default -> model(path, reply);
    }
  }

  private void metrics(HttpServerRequest request, Reply reply) {
    String format = TextFormat.chooseContentType(request.getHeader(HttpHeaders.ACCEPT));
    reply.text(format, gateway.metrics().text(format));
  }

  private static void health(boolean good, String why, Reply reply) {
    reply.json(good ? 200 : 503, "{\"status\":\"" + (good ? "ready" : why) + "\"}");
  }

  private String models() {
    ObjectNode body = JSON.createObjectNode().put("object", "list");
    ArrayNode data = body.putArray("data");
    Catalog catalog = gateway.pools().catalog();
    catalog.all().forEach(served -> data.add(model(catalog, served)));
    return body.toString();
  }

  private void model(String path, Reply reply) {
    if (!path.startsWith(MODELS + "/")) {
      reply.fail(ApiError.notFound(path));
      return;
    }
    String name = path.substring(MODELS.length() + 1);
    Catalog catalog = gateway.pools().catalog();
    switch (catalog.meaning(name)) {
      case Catalog.Found(Served served) -> reply.json(200, model(catalog, served).toString());
      case Catalog.Ambiguous(var keys) -> reply.fail(ApiError.ambiguous(name, keys));
      case Catalog.Unknown() -> reply.fail(ApiError.modelNotFound(name));
    }
  }

  private static ObjectNode model(Catalog catalog, Served served) {
    return JSON.createObjectNode()
        .put("id", catalog.listedName(served))
        .put("object", "model")
        .put("created", served.created().getEpochSecond())
        .put("owned_by", served.key().toString());
  }
}
