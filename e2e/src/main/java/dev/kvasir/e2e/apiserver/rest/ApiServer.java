package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpHandler;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.resource.ResourceRegistry;
import dev.kvasir.e2e.apiserver.store.ObjectStore;
import dev.kvasir.e2e.apiserver.write.Deleter;
import dev.kvasir.e2e.apiserver.write.ObjectWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.List;
import java.util.Set;

/** The API server: who asks is checked, then the path says which handler answers. */
public final class ApiServer implements HttpHandler {
  private static final System.Logger LOG = System.getLogger(ApiServer.class.getName());
  private static final Set<String> OPEN_PATHS = Set.of("healthz", "livez", "readyz", "version");
  private static final String BEARER = "Bearer ";

  private final byte[] token;
  private final ResourceRegistry registry;
  private final ResourceHandler resources;
  private final ScaleHandler scales;
  private final PodHandler pods;
  private final WatchHandler watches;
  private final DiscoveryHandler discovery;
  private final OpenApiHandler openApi;

  public ApiServer(
      String token,
      ResourceRegistry registry,
      ObjectStore store,
      ObjectWriter writer,
      Deleter deleter,
      Clock clock) {
    this.token = token.getBytes(StandardCharsets.UTF_8);
    this.registry = registry;
    Representation representation = Representation.of(registry, clock);
    this.resources = new ResourceHandler(store, writer, deleter, representation);
    this.scales = new ScaleHandler(store, writer);
    this.pods = new PodHandler(store, registry, writer, deleter);
    this.watches = new WatchHandler(store, representation, clock);
    this.discovery = new DiscoveryHandler(registry);
    this.openApi = new OpenApiHandler(registry);
  }

  @Override
  public void handle(HttpExchange exchange) throws IOException {
    // Not a resource of the try below: a refusal is written before it is closed.
    try (exchange) {
      answer(exchange);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    try {
      ApiRequest request = ApiRequest.of(exchange);
      authenticate(request);
      route(request);
    } catch (ApiException e) {
      refuse(exchange, e);
    } catch (IllegalArgumentException e) {
      refuse(exchange, ApiException.badRequest(e.getMessage()));
    } catch (IOException | UncheckedIOException e) {
      // The client went away; there is nobody to tell.
      LOG.log(System.Logger.Level.DEBUG, "request ended early: {0}", e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.ERROR, "request failed: " + exchange.getRequestURI(), e);
      refuse(exchange, new ApiException(500, "InternalError", "Internal error", Json.object()));
    }
  }

  private static void refuse(HttpExchange exchange, ApiException refusal) throws IOException {
    if (exchange.getResponseCode() == -1) {
      Responses.json(exchange, refusal.code(), refusal.toStatus());
    }
  }

  private void authenticate(ApiRequest request) {
    String header = request.header("Authorization");
    byte[] given =
        header.startsWith(BEARER)
            ? header.substring(BEARER.length()).getBytes(StandardCharsets.UTF_8)
            : new byte[0];
    boolean open = !request.path().isEmpty() && OPEN_PATHS.contains(request.path().getFirst());
    if (!MessageDigest.isEqual(given, token) && !open) {
      throw ApiException.unauthorized();
    }
  }

  private void route(ApiRequest request) throws IOException {
    List<String> path = request.path();
    String first = path.isEmpty() ? "" : path.getFirst();
    switch (first) {
      case "" -> Responses.json(request.exchange(), 200, paths());
      case "healthz", "livez", "readyz" -> Responses.text(request.exchange(), 200, "ok");
      case "version" -> Responses.json(request.exchange(), 200, ServerVersion.json());
      case "openapi" -> openApi.handle(request);
      case "api" -> api(request, path.size() <= 2);
      case "apis" -> api(request, path.size() <= 3);
      default -> throw ApiException.noSuchPath();
    }
  }

  private void api(ApiRequest request, boolean isDiscovery) throws IOException {
    if (isDiscovery) {
      requireGet(request);
      discovery.handle(request);
    } else if (AccessReview.isFor(request)) {
      AccessReview.answer(request);
    } else {
      resource(request, ResourcePath.parse(request.path(), registry));
    }
  }

  private void resource(ApiRequest request, ResourcePath path) throws IOException {
    String sub = path.subresource();
    if (!sub.isEmpty() && !path.type().subresources().contains(sub)) {
      throw ApiException.noSuchPath();
    }
    if (request.method().equals("GET") && request.flag("watch") && sub.isEmpty()) {
      watches.handle(request, path);
      return;
    }
    switch (sub) {
      case "" -> resources.handle(request, path);
      case "status" -> {
        if (!Set.of("GET", "PUT", "PATCH").contains(request.method())) {
          throw ApiException.methodNotAllowed();
        }
        resources.handle(request, path);
      }
      case "scale" -> scales.handle(request, path);
      case "log", "binding", "eviction" -> pods.handle(request, path);
      default -> throw ApiException.methodNotAllowed();
    }
  }

  private static void requireGet(ApiRequest request) {
    if (!request.method().equals("GET")) {
      throw ApiException.methodNotAllowed();
    }
  }

  private static ObjectNode paths() {
    ObjectNode document = Json.object();
    ArrayNode paths = document.putArray("paths");
    List.of("/api", "/apis", "/healthz", "/livez", "/openapi/v3", "/readyz", "/version")
        .forEach(paths::add);
    return document;
  }
}
