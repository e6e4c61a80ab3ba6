package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import dev.kvasir.e2e.apiserver.model.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** How answers are sent. */
final class Responses {
  private Responses() {}

  static void json(HttpExchange exchange, int code, JsonNode body) throws IOException {
    send(exchange, code, "application/json", Json.bytes(body));
  }

  static void text(HttpExchange exchange, int code, String body) throws IOException {
    send(exchange, code, "text/plain; charset=utf-8", body.getBytes(StandardCharsets.UTF_8));
  }

  static void send(HttpExchange exchange, int code, String type, byte[] body) throws IOException {
    exchange.getResponseHeaders().set("Content-Type", type);
    exchange.getResponseHeaders().set("Cache-Control", "no-cache, private");
    exchange.sendResponseHeaders(code, body.length == 0 ? -1 : body.length);
    exchange.getResponseBody().write(body);
  }
}
