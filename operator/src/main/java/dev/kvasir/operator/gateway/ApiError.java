package dev.kvasir.operator.gateway;

import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.operator.telemetry.DeploymentKey;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Collectors;

/** An error that the gateway itself answers with, in OpenAI's terms. */
record ApiError(int status, String code, String param, OptionalInt retryAfter, String message) {
  private static final JsonMapper JSON = new JsonMapper();
  private static final int SHOWN = 300;

  static ApiError invalid(String param, String message) {
    return of(400, "invalid_request", param, message);
  }

  static ApiError notFound(String path) {
    return of(404, "not_found", null, "there is nothing at " + shown(path));
  }

  static ApiError methodNotAllowed(String method, String path, String allowed) {
    return of(
        405, "method_not_allowed", null, path + " does not take " + method + ", only " + allowed);
  }

  static ApiError modelNotFound(String model) {
    return of(404, "model_not_found", "model", "The model '" + shown(model) + "' does not exist");
  }

  static ApiError ambiguous(String model, List<DeploymentKey> keys) {
    String names = keys.stream().map(DeploymentKey::toString).collect(Collectors.joining(", "));
    return of(
        400,
        "model_ambiguous",
        "model",
        "several deployments serve the model '%s': ask for one of %s".formatted(model, names));
  }

  static ApiError timeout(String message) {
    return of(408, "request_timeout", null, message);
  }

  static ApiError tooLarge(int maxBytes) {
    return of(413, "request_too_large", null, "the body is larger than " + maxBytes + " bytes");
  }

  static ApiError unavailable(String code, int retryAfter, String message) {
    return new ApiError(503, code, null, OptionalInt.of(retryAfter), message);
  }

  static ApiError badGateway(String message) {
    return of(502, "replica_lost", null, message);
  }

  static ApiError gatewayTimeout(String message) {
    return of(504, "replica_stalled", null, message);
  }

  static ApiError internal() {
    return of(500, "internal_error", null, "the gateway failed; its log says why");
  }

  private static ApiError of(int status, String code, String param, String message) {
    return new ApiError(status, code, param, OptionalInt.empty(), message);
  }

  private String type() {
    return switch (status) {
      case 404 -> "not_found_error";
      case 500, 502, 503, 504 -> "server_error";
      default -> "invalid_request_error";
    };
  }

  String json() {
    ObjectNode body = JSON.createObjectNode();
    body.putObject("error")
        .put("message", message)
        .put("type", type())
        .put("param", param)
        .put("code", code);
    return body.toString();
  }

  private static String shown(String text) {
    return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "...";
  }
}
