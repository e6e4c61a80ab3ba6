package dev.kvasir.operator.console;

import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.util.Optional;

/** The console's addresses: its files for everyone, its API for who has the token. */
final class ConsoleRoutes {
  private static final int UNAUTHORIZED = 401;
  private static final int LONGEST_FILTER = 200;

  /** Scripts and styles come from files only, and nothing from anywhere else. */
  private static final String POLICY =
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self';"
          + " base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
          + " require-trusted-types-for 'script'; trusted-types 'none'";

  private final Token token;
  private final Sampler sampler;
  private final Answers answers;
  private final ChatRelay chat;
  private final Assets assets;

  ConsoleRoutes(Token token, Sampler sampler, Answers answers, ChatRelay chat, Assets assets) {
    this.token = token;
    this.sampler = sampler;
    this.answers = answers;
    this.chat = chat;
    this.assets = assets;
  }

  void register(Router router) {
    router.get("/console").handler(ConsoleRoutes::toTheFolder);
    router.route("/console/*").handler(ConsoleRoutes::secure);
    router.route("/console/api/*").handler(this::authorize).failureHandler(ConsoleRoutes::failed);
    router.get("/console/api/fleet").blockingHandler(this::fleet, false);
    router.get("/console/api/history").blockingHandler(this::history, false);
    router
        .post("/console/api/chat")
        .handler(BodyHandler.create(false).setBodyLimit(ChatAsk.MOST_BYTES))
        .handler(this::chat);
    router.route("/console/api/*").handler(ConsoleRoutes::unknown);
    router.get("/console/*").handler(assets::serve);
  }

  /** The page's own addresses are relative. */
  private static void toTheFolder(RoutingContext context) {
    if (context.request().path().endsWith("/")) {
      context.next();
    } else {
      var _ = context.redirect("/console/");
    }
  }

  private static void secure(RoutingContext context) {
    HttpServerResponse response = context.response();
    response.putHeader("content-security-policy", POLICY);
    response.putHeader("x-content-type-options", "nosniff");
    response.putHeader("referrer-policy", "no-referrer");
    context.next();
  }

  private void authorize(RoutingContext context) {
    context.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    if (token.opens(context.request().getHeader(HttpHeaders.AUTHORIZATION))) {
      context.next();
    } else {
      context.response().putHeader("www-authenticate", "Bearer");
      Replies.error(context, UNAUTHORIZED, "the console's token is wanted, as a bearer token");
    }
  }

  private void fleet(RoutingContext context) {
    String filter = parameter(context, "filter").orElse("");
    if (filter.length() > LONGEST_FILTER) {
      Replies.error(context, 400, "the filter is longer than " + LONGEST_FILTER + " characters");
    } else {
      Replies.json(context, 200, answers.fleet(sampler.picture(), filter));
    }
  }

  private void history(RoutingContext context) {
    String deployment = parameter(context, "deployment").orElse("");
    Optional<Row> row = sampler.picture().row(deployment);
    if (row.isEmpty()) {
      noSuch(context, deployment);
      return;
    }
    try {
      long after = Long.parseLong(parameter(context, "after").orElse("0"));
      String answer = Answers.history(deployment, sampler.history().after(row.get().key(), after));
      Replies.json(context, 200, answer);
    } catch (NumberFormatException e) {
      Replies.error(context, 400, "after must be a time in milliseconds");
    }
  }

  private void chat(RoutingContext context) {
    try {
      ChatAsk ask = ChatAsk.parse(context.body().asString());
      sampler
          .picture()
          .row(ask.deployment())
          .ifPresentOrElse(
              row -> chat.relay(context, row, ask), () -> noSuch(context, ask.deployment()));
    } catch (IllegalArgumentException e) {
      Replies.error(context, 400, e.getMessage());
    }
  }

  private static void noSuch(RoutingContext context, String deployment) {
    Replies.error(
        context, 404, "there is no InferenceDeployment '" + Texts.bounded(deployment) + "'");
  }

  private static void unknown(RoutingContext context) {
    String asked = context.request().method() + " " + Texts.bounded(context.request().path());
    Replies.error(context, 404, "there is no " + asked);
  }

  private static void failed(RoutingContext context) {
    int status = context.statusCode() > 0 ? context.statusCode() : 500;
    String message =
        status == 413
            ? "the request is larger than " + ChatAsk.MOST_BYTES + " bytes"
            : "the console failed; the operator's log says why";
    if (!context.response().headWritten()) {
      Replies.error(context, status, message);
    }
  }

  private static Optional<String> parameter(RoutingContext context, String name) {
    return context.queryParam(name).stream().findFirst();
  }
}
