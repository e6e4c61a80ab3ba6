package dev.kvasir.runtime.http;

import java.util.Set;

/**
 * A request that gets an error, in OpenAI's terms. The codes are a closed set: metrics use them.
 */
final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;

  private final int status;
  private final String code;
  private final String param;
  private final Integer retryAfterSeconds;

  private ApiException(
      int status, String code, String param, Integer retryAfterSeconds, String message) {
    super(message);
    this.status = status;
    this.code = code;
    this.param = param;
    this.retryAfterSeconds = retryAfterSeconds;
  }

  /** {@code param} is the field that is wrong, or null. */
  static ApiException invalid(String param, String message) {
    return new ApiException(400, "invalid_request", param, null, message);
  }

  static ApiException unsupported(String param, String message) {
    return new ApiException(400, "unsupported_parameter", param, null, message);
  }

  static ApiException contextLength(String param, String message) {
    return new ApiException(400, "context_length_exceeded", param, null, message);
  }

  static ApiException unauthorized(String message) {
    return new ApiException(401, "invalid_api_key", null, null, message);
  }

  static ApiException notFound(String message) {
    return new ApiException(404, "not_found", null, null, message);
  }

  static ApiException modelNotFound(String model) {
    return new ApiException(
        404, "model_not_found", "model", null, "The model '" + model + "' does not exist");
  }

  static ApiException methodNotAllowed(String method, String path, Set<String> allowed) {
    return new ApiException(
        405,
        "method_not_allowed",
        null,
        null,
        path + " does not take " + method + ", only " + String.join(", ", allowed));
  }

  static ApiException timeout(String message) {
    return new ApiException(408, "request_timeout", null, null, message);
  }

  static ApiException tooLarge(String message) {
    return new ApiException(413, "request_too_large", null, null, message);
  }

  static ApiException mediaType(String message) {
    return new ApiException(415, "unsupported_media_type", null, null, message);
  }

  static ApiException tooManyRequests(String message) {
    return new ApiException(429, ServerObserver.QUEUE_FULL, null, 1, message);
  }

  static ApiException unavailable(String code, String message) {
    return new ApiException(503, code, null, 2, message);
  }

  static ApiException internal(String message) {
    return new ApiException(500, "internal_error", null, null, message);
  }

  int status() {
    return status;
  }

  String code() {
    return code;
  }

  String param() {
    return param;
  }

  Integer retryAfterSeconds() {
    return retryAfterSeconds;
  }

  /** OpenAI's {@code error.type}. */
  String type() {
    return switch (status) {
      case 401 -> "authentication_error";
      case 404 -> "not_found_error";
      case 429 -> "rate_limit_error";
      case 500, 503 -> "server_error";
      default -> "invalid_request_error";
    };
  }
}
