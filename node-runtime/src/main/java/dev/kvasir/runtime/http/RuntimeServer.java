package dev.kvasir.runtime.http;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.function.Supplier;

/** The runtime's two ports: the API, and administration, which no Service exposes. */
public final class RuntimeServer implements AutoCloseable {
  private final ApiServer api;
  private final ApiServer admin;

  /**
   * Where to listen and with what.
   *
   * @param metrics the text of /metrics
   */
  public record Settings(
      InetSocketAddress api,
      InetSocketAddress admin,
      HttpLimits limits,
      ApiKeys apiKeys,
      ApiKeys adminKeys,
      String version,
      Supplier<byte[]> metrics) {}

  /** Listens at once, before any model is loaded: requests get a 503 until {@code state} serves. */
  public static RuntimeServer start(
      Settings settings, RuntimeState state, Admission admission, ServerObserver observer)
      throws IOException {
    ApiServer api =
        new ApiServer(
            settings.api(),
            apiRoutes(settings, state, admission, observer),
            settings.limits(),
            settings.apiKeys(),
            RuntimeServer::isFree,
            observer);
    ApiServer admin =
        new ApiServer(
            settings.admin(),
            adminRoutes(state, admission),
            settings.limits(),
            settings.adminKeys(),
            path -> false,
            observer);
    api.start();
    admin.start();
    return new RuntimeServer(api, admin);
  }

  private RuntimeServer(ApiServer api, ApiServer admin) {
    this.api = api;
    this.admin = admin;
  }

  /** Probes and scrapers carry no API key. */
  private static boolean isFree(String path) {
    return path.equals("/health") || path.startsWith("/health/") || path.equals("/metrics");
  }

  private static Router apiRoutes(
      Settings settings, RuntimeState state, Admission admission, ServerObserver observer) {
    HealthEndpoints health = new HealthEndpoints(state, admission);
    TokenEndpoints tokens = new TokenEndpoints(state);
    return new Router()
        .add(
            "POST",
            "/v1/completions",
            new GenerationEndpoint(new CompletionsDialect(), state, admission, observer))
        .add(
            "POST",
            "/v1/chat/completions",
            new GenerationEndpoint(new ChatDialect(), state, admission, observer))
        .add("POST", "/v1/embeddings", new EmbeddingsEndpoint(state, admission, observer))
        .add("GET", "/v1/models", tokens::models)
        .add("GET", "/v1/models/*", tokens::model)
        .add("POST", "/tokenize", tokens::tokenize)
        .add("POST", "/detokenize", tokens::detokenize)
        .add("GET", "/health", health::health)
        .add("GET", "/health/live", health::live)
        .add("GET", "/health/ready", health::ready)
        .add("GET", "/health/startup", health::startup)
        .add("GET", "/version", call -> version(call, settings.version()))
        .add("GET", "/metrics", call -> metrics(call, settings.metrics()));
  }

  private static Router adminRoutes(RuntimeState state, Admission admission) {
    DrainEndpoint drain = new DrainEndpoint(state, admission);
    return new Router()
        .add("POST", "/drain", drain::begin)
        .add("DELETE", "/drain", drain::undo)
        .add("GET", "/drain", drain::show);
  }

  private static void version(Call call, String version) throws IOException {
    call.send(200, JsonText.newObject().put("version", version));
  }

  private static void metrics(Call call, Supplier<byte[]> text) throws IOException {
    call.send(200, "text/plain; version=0.0.4; charset=utf-8", text.get());
  }

  public int apiPort() {
    return api.port();
  }

  public int adminPort() {
    return admin.port();
  }

  @Override
  public void close() {
    api.close();
    admin.close();
  }
}
