package dev.kvasir.operator.console;

import io.vertx.core.http.HttpHeaders;
import io.vertx.ext.web.RoutingContext;

/** Answers of the console's API. */
final class Replies {
  private Replies() {}

  static void json(RoutingContext context, int status, String body) {
    context
        .response()
        .setStatusCode(status)
        .putHeader(HttpHeaders.CONTENT_TYPE, "application/json")
        .end(body);
  }

  static void error(RoutingContext context, int status, String message) {
    json(context, status, Answers.error(message));
  }
}
