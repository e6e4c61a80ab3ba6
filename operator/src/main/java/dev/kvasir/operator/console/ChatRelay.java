package dev.kvasir.operator.console;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import io.vertx.core.AsyncResult;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.PoolOptions;
import io.vertx.core.http.RequestOptions;
import io.vertx.ext.web.RoutingContext;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;

/** Passes the chat box's requests on, and what comes back as it comes. */
final class ChatRelay {
  private static final Logger LOG = Logger.getLogger(ChatRelay.class);
  private static final String PATH = "/v1/chat/completions";

  /** Carries the key of a deployment that wants one; Authorization is the console's own. */
  private static final String MODEL_KEY = "X-Model-Api-Key";

  private static final List<CharSequence> PASSED =
      List.of(HttpHeaders.CONTENT_TYPE, HttpHeaders.RETRY_AFTER, "x-request-id");
  private static final int MOST_AT_ONCE = 32;
  private static final int CONNECT_MILLIS = 5000;

  /** As the gateway's own. */
  private static final int SILENT_SECONDS = 600;

  private final HttpClient http;
  private final Optional<URI> gateway;
  private final AtomicInteger open = new AtomicInteger();

  /**
   * @param gateway empty: each deployment's Service is asked
   */
  ChatRelay(Vertx vertx, Optional<URI> gateway) {
    this.gateway = gateway;
    this.http =
        vertx.createHttpClient(
            new HttpClientOptions()
                .setConnectTimeout(CONNECT_MILLIS)
                .setReadIdleTimeout(SILENT_SECONDS),
            new PoolOptions().setHttp1MaxSize(MOST_AT_ONCE));
  }

  void relay(RoutingContext context, Row row, ChatAsk ask) {
    if (open.incrementAndGet() > MOST_AT_ONCE) {
      open.decrementAndGet();
      Replies.error(context, 429, MOST_AT_ONCE + " chats are under way in consoles: try later");
      return;
    }
    HttpServerResponse client = context.response();
    client.endHandler(ended -> open.decrementAndGet());
    http.request(target(row, context.request().getHeader(MODEL_KEY)))
        .onComplete(connected -> ask(connected, ask.body(model(row)), context));
  }

  /** The gateway knows every deployment by its address. */
  private String model(Row row) {
    return gateway.isPresent() ? row.deployment() : row.model();
  }

  private RequestOptions target(Row row, String key) {
    URI base =
        gateway.orElseGet(
            () -> URI.create(Names.endpoint(row.key().namespace(), row.key().name())));
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.POST)
            .setHost(base.getHost())
            .setPort(base.getPort() < 0 ? 80 : base.getPort())
            .setURI(PATH)
            .putHeader(HttpHeaders.CONTENT_TYPE, "application/json");
    return key == null || key.isBlank()
        ? target
        : target.putHeader(HttpHeaders.AUTHORIZATION, "Bearer " + key);
  }

  private static void ask(
      AsyncResult<HttpClientRequest> connected, String body, RoutingContext context) {
    if (connected.failed()) {
      fail(context, connected.cause());
      return;
    }
    HttpClientRequest request = connected.result();
    context.response().closeHandler(closed -> request.reset());
    if (context.response().closed()) {
      request.reset();
      return;
    }
    request.send(body).onComplete(answer -> pass(answer, context));
  }

  private static void pass(AsyncResult<HttpClientResponse> answer, RoutingContext context) {
    if (answer.failed()) {
      fail(context, answer.cause());
      return;
    }
    HttpClientResponse from = answer.result();
    HttpServerResponse to = context.response();
    to.setStatusCode(from.statusCode()).setChunked(true);
    PASSED.forEach(name -> {
      if (from.getHeader(name) != null) {
        to.putHeader(name, from.getHeader(name));
      }
    });
    from.pipeTo(to).onFailure(cause -> context.request().connection().close());
  }

  /** Before the first byte; afterwards a broken connection says it. */
  private static void fail(RoutingContext context, Throwable cause) {
    LOG.infof("a chat of the console: %s", cause.getMessage());
    if (!context.response().headWritten() && !context.response().closed()) {
      Replies.error(context, 502, "the model can't be reached: " + cause.getMessage());
    }
  }
}
