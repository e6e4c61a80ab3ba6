package dev.kvasir.e2e.apiserver.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import dev.kvasir.e2e.apiserver.model.KubeObject;
import dev.kvasir.e2e.apiserver.write.WriteOptions;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One HTTP request: its path in segments, its query, its bounded body. */
public record ApiRequest(
    HttpExchange exchange, String method, List<String> path, Map<String, String> query) {
  /** As kube-apiserver bounds it. */
  private static final int MAX_BODY = 3 * 1024 * 1024;

  private static final String JSON = "application/json";
  private static final String YAML = "application/yaml";
  static final String PROTOBUF = "application/vnd.kubernetes.protobuf";

  public static ApiRequest of(HttpExchange exchange) {
    List<String> path =
        Arrays.stream(exchange.getRequestURI().getRawPath().split("/"))
            .filter(s -> !s.isEmpty())
            .map(ApiRequest::decode)
            .toList();
    Map<String, String> query = parse(exchange.getRequestURI().getRawQuery());
    return new ApiRequest(exchange, exchange.getRequestMethod(), path, query);
  }

  private static Map<String, String> parse(String text) {
    Map<String, String> query = new LinkedHashMap<>();
    if (text != null) {
      for (String part : text.split("&", -1)) {
        int equals = part.indexOf('=');
        String name = equals < 0 ? part : part.substring(0, equals);
        String value = equals < 0 ? "" : part.substring(equals + 1);
        query.putIfAbsent(decode(name), decode(value));
      }
    }
    return query;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  String parameter(String name) {
    return query.getOrDefault(name, "");
  }

  boolean flag(String name) {
    String value = parameter(name);
    return value.equals("true") || value.equals("1");
  }

  Optional<Long> number(String name) {
    String text = parameter(name);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(text));
    } catch (NumberFormatException e) {
      throw ApiException.badRequest("%s must be a number: \"%s\"".formatted(name, text));
    }
  }

  String header(String name) {
    String value = exchange.getRequestHeaders().getFirst(name);
    return value == null ? "" : value;
  }

  /** The media type of the body, without its parameters. */
  String contentType() {
    String type = header("Content-Type");
    return type.split(";", 2)[0].strip();
  }

  boolean accepts(String kind) {
    return header("Accept").contains("as=" + kind);
  }

  /** The body as a tree; missing where there is none. */
  JsonNode body() throws IOException {
    return tree(bytes());
  }

  private byte[] bytes() throws IOException {
    byte[] bytes = exchange.getRequestBody().readNBytes(MAX_BODY + 1);
    if (bytes.length > MAX_BODY) {
      throw ApiException.tooLarge(MAX_BODY);
    }
    return bytes;
  }

  private JsonNode tree(byte[] bytes) throws IOException {
    boolean yaml = contentType().endsWith("yaml");
    if (contentType().equals(PROTOBUF) && bytes.length > 0) {
      return ProtobufBody.decode(bytes);
    }
    try {
      return yaml ? Json.parse(Json.bytes(Json.parseYaml(bytes))) : Json.parse(bytes);
    } catch (JsonProcessingException e) {
      throw ApiException.badRequest(
          "the object provided is unrecognized (must be valid JSON): " + e.getOriginalMessage());
    }
  }

  /** The body of a create or an update. */
  KubeObject object() throws IOException {
    String type = contentType();
    if (!type.isEmpty() && !Set.of(JSON, YAML, PROTOBUF).contains(type)) {
      throw ApiException.unsupportedMediaType(JSON + ", " + YAML + ", " + PROTOBUF);
    }
    byte[] bytes = bytes();
    if (tree(bytes) instanceof ObjectNode object) {
      if (!type.equals(PROTOBUF) && !type.equals(YAML)) {
        checkDuplicates(bytes, object);
      }
      return new KubeObject(object);
    }
    throw ApiException.badRequest("the body must be one object");
  }

  private void checkDuplicates(byte[] bytes, ObjectNode object) throws IOException {
    List<String> texts =
        DuplicateFields.of(bytes).stream().map("duplicate field \"%s\""::formatted).toList();
    if (!texts.isEmpty() && parameter("fieldValidation").equals("Strict")) {
      String kind = Json.text(object, "kind");
      throw ApiException.badRequest(
          "%s in version \"%s\" cannot be handled as a %s: strict decoding error: %s"
              .formatted(kind, path.get(1), kind, String.join(", ", texts)));
    }
    if (!parameter("fieldValidation").equals("Ignore")) {
      texts.forEach(this::warn);
    }
  }

  /** How a write of this request is meant; warnings go into the response's headers. */
  WriteOptions writeOptions(String subresource) {
    WriteOptions.UnknownFields unknown =
        switch (parameter("fieldValidation")) {
          case "Strict" -> WriteOptions.UnknownFields.STRICT;
          case "", "Warn" -> WriteOptions.UnknownFields.WARN;
          case "Ignore" -> WriteOptions.UnknownFields.IGNORE;
          default ->
              throw ApiException.badRequest(
                  "fieldValidation must be Ignore, Warn or Strict: "
                      + parameter("fieldValidation"));
        };
    return new WriteOptions(
        manager(), subresource, dryRun(), unknown, flag("force"), "", this::warn);
  }

  private boolean dryRun() {
    String dryRun = parameter("dryRun");
    if (!dryRun.isEmpty() && !dryRun.equals("All")) {
      throw ApiException.badRequest("dryRun must be All: " + dryRun);
    }
    return !dryRun.isEmpty();
  }

  /** The field manager: the one that is named, or the program's name as upstream takes it. */
  private String manager() {
    String named = parameter("fieldManager");
    String agent = header("User-Agent").split("/", 2)[0];
    String name = named.isEmpty() ? agent : named;
    return name.isEmpty() ? "unknown" : name;
  }

  private void warn(String text) {
    String quoted = text.replace("\\", "\\\\").replace("\"", "\\\"");
    exchange.getResponseHeaders().add("Warning", "299 - \"" + quoted + "\"");
  }
}
