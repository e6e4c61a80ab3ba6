package dev.kvasir.operator.gateway;

import io.vertx.core.AbstractVerticle;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.PoolOptions;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/** One event loop of the gateway: its share of connections, to clients and to replicas. */
final class GatewayServer extends AbstractVerticle {
  private static final Logger LOG = Logger.getLogger(GatewayServer.class);
  private static final long TICK_MILLIS = 250;
  private static final int BACKLOG = 4096;

  /** The same free port for all event loops. */
  private static final int ANY_ONE = -1;

  private static final int MAX_HEADERS = 1 << 16;

  /** Shorter than the runtime's, or a request could meet a connection that it just closes. */
  private static final int KEPT_SECONDS = 20;

  private static final Pattern REQUEST_ID = Pattern.compile("[A-Za-z0-9._:-]{1,128}");

  /** Paths whose body names a model; what the runtime serves. */
  private static final Set<String> ROUTED =
      Set.of(
          "/v1/chat/completions", "/v1/completions", "/v1/embeddings", "/tokenize", "/detokenize");

  private final Gateway gateway;
  private final Pages pages;
  private final Connections connections;
  private final Set<Exchange> exchanges = new HashSet<>();
  private HttpClient http;
  private HttpServer server;

  GatewayServer(Gateway gateway) {
    this.gateway = gateway;
    this.pages = new Pages(gateway);
    this.connections = new Connections(gateway);
  }

  @Override
  public void start(Promise<Void> started) {
    http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(Math.toIntExact(gateway.config().connectTimeout().toMillis()))
                .setKeepAliveTimeout(KEPT_SECONDS)
                .setMaxHeaderSize(MAX_HEADERS),
            new PoolOptions().setHttp1MaxSize(gateway.config().maxRequests()));
    int port = gateway.config().port();
    server =
        vertx
            .createHttpServer(
                new HttpServerOptions()
                    .setHost(gateway.config().host())
                    .setPort(port == 0 ? ANY_ONE : port)
                    .setAcceptBacklog(BACKLOG)
                    .setMaxHeaderSize(MAX_HEADERS)
                    .setHttp2ClearTextEnabled(false)
                    .setHandle100ContinueAutomatically(true))
            .connectionHandler(connections::opened)
            .requestHandler(this::handle);
    server.listen().<Void>mapEmpty().onComplete(started);
    vertx.setPeriodic(TICK_MILLIS, timer -> tick());
  }

  int port() {
    return server.actualPort();
  }

  private void tick() {
    long now = System.nanoTime();
    List.copyOf(exchanges).forEach(exchange -> exchange.tick(now));
    connections.closeIdle(now);
  }

  private void handle(HttpServerRequest request) {
    connections.began(request.connection());
    request.response().endHandler(ended -> connections.ended(request.connection()));
    String requestId = requestId(request);
    Reply reply = new Reply(request, requestId, gateway.drain()::isDraining);
    try {
      route(request, requestId, reply);
    } catch (RuntimeException e) {
      LOG.error("request " + requestId + " failed", e);
      reply.fail(ApiError.internal());
    }
  }

  private void route(HttpServerRequest request, String requestId, Reply reply) {
    String path = request.path() == null ? "" : request.path();
    boolean routed = ROUTED.contains(path);
    HttpMethod wanted = routed ? HttpMethod.POST : HttpMethod.GET;
    if (request.method().equals(wanted)) {
      if (routed) {
        exchange(request, requestId, reply);
      } else {
        pages.answer(request, path, reply);
      }
    } else if (routed || pages.has(path)) {
      request.response().putHeader("allow", wanted.name());
      reply.fail(ApiError.methodNotAllowed(request.method().name(), path, wanted.name()));
    } else {
      reply.fail(ApiError.notFound(path));
    }
  }

  private void exchange(HttpServerRequest request, String requestId, Reply reply) {
    Optional<ApiError> refusal = gateway.enter();
    if (refusal.isPresent()) {
      gateway.metrics().refused(refusal.get().status());
      reply.fail(refusal.get());
      return;
    }
    Exchange exchange =
        new Exchange(gateway, http, request, requestId, reply, context, this::ended);
    exchanges.add(exchange);
    exchange.begin();
  }

  private void ended(Exchange exchange) {
    exchanges.remove(exchange);
    gateway.leave();
  }

  private static String requestId(HttpServerRequest request) {
    String given = request.getHeader(ForwardedHeaders.REQUEST_ID);
    return given != null && REQUEST_ID.matcher(given).matches()
        ? given
        : UUID.randomUUID().toString();
  }
}
