package dev.kvasir.e2e.apiserver.model;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import java.util.stream.Collectors;

/** A refusal, worded as kube-apiserver words it and sent as a Status. */
public final class ApiException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** One cause of a refusal: a reason, a sentence and the field it speaks of. */
  public record Cause(String reason, String message, String field) {
    public static Cause required(String field) {
      return new Cause("FieldValueRequired", "Required value", field);
    }

    public static Cause required(String field, String detail) {
      return new Cause("FieldValueRequired", "Required value: " + detail, field);
    }

    public static Cause invalid(String field, String value, String detail) {
      return new Cause("FieldValueInvalid", "Invalid value: " + value + ": " + detail, field);
    }
  }

  private final int code;
  private final String reason;
  private final transient ObjectNode details;

  public ApiException(int code, String reason, String message, ObjectNode details) {
    super(message);
    this.code = code;
    this.reason = reason;
    this.details = details;
  }

  public int code() {
    return code;
  }

  public String reason() {
    return reason;
  }

  public static ApiException notFound(ResourceType type, String name) {
    String message = "%s \"%s\" not found".formatted(type.qualifiedPlural(), name);
    return new ApiException(404, "NotFound", message, details(type, name));
  }

  public static ApiException noSuchPath() {
    return new ApiException(
        404, "NotFound", "the server could not find the requested resource", Json.object());
  }

  public static ApiException alreadyExists(ResourceType type, String name) {
    String message = "%s \"%s\" already exists".formatted(type.qualifiedPlural(), name);
    return new ApiException(409, "AlreadyExists", message, details(type, name));
  }

  public static ApiException conflict(ResourceType type, String name, String why) {
    String message =
        "Operation cannot be fulfilled on %s \"%s\": %s"
            .formatted(type.qualifiedPlural(), name, why);
    return new ApiException(409, "Conflict", message, details(type, name));
  }

  public static ApiException applyConflict(String message, List<Cause> causes) {
    ObjectNode details = Json.object();
    details.set("causes", causes(causes));
    return new ApiException(409, "Conflict", message, details);
  }

  public static ApiException invalid(ResourceType type, String name, List<Cause> causes) {
    ObjectNode details = details(type, name);
    details.put("kind", type.kind());
    details.set("causes", causes(causes));
    String errors =
        causes.stream().map(c -> c.field() + ": " + c.message()).collect(Collectors.joining(", "));
    String kind = type.group().isEmpty() ? type.kind() : type.kind() + "." + type.group();
    String list = causes.size() == 1 ? errors : "[" + errors + "]";
    return new ApiException(
        422, "Invalid", "%s \"%s\" is invalid: %s".formatted(kind, name, list), details);
  }

  public static ApiException forbidden(ResourceType type, String name, String why) {
    String message = "%s \"%s\" is forbidden: %s".formatted(type.qualifiedPlural(), name, why);
    return new ApiException(403, "Forbidden", message, details(type, name));
  }

  public static ApiException badRequest(String message) {
    return new ApiException(400, "BadRequest", message, Json.object());
  }

  public static ApiException unauthorized() {
    return new ApiException(401, "Unauthorized", "Unauthorized", Json.object());
  }

  public static ApiException methodNotAllowed() {
    return new ApiException(
        405,
        "MethodNotAllowed",
        "the server does not allow this method on the requested resource",
        Json.object());
  }

  public static ApiException unsupportedMediaType(String supported) {
    return new ApiException(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
            + supported,
        Json.object());
  }

  public static ApiException tooLarge(long limit) {
    return new ApiException(413, "RequestEntityTooLarge", "limit is " + limit, Json.object());
  }

  public static ApiException tooManyRequests(String message) {
    ObjectNode details = Json.object();
    details.put("retryAfterSeconds", 1);
    return new ApiException(429, "TooManyRequests", message, details);
  }

  public static ApiException expired(long version, long oldest) {
    String message = "too old resource version: %d (%d)".formatted(version, oldest);
    return new ApiException(410, "Expired", message, Json.object());
  }

  /** The Status object that a client gets. */
  public ObjectNode toStatus() {
    ObjectNode status = Json.object();
    status.put("kind", "Status").put("apiVersion", "v1");
    status.putObject("metadata");
    status.put("status", "Failure").put("message", getMessage()).put("reason", reason);
    if (!details.isEmpty()) {
      status.set("details", details);
    }
    return status.put("code", code);
  }

  private static ObjectNode details(ResourceType type, String name) {
    ObjectNode details = Json.object();
    details.put("name", name);
    if (!type.group().isEmpty()) {
      details.put("group", type.group());
    }
    return details.put("kind", type.plural());
  }

  private static ArrayNode causes(List<Cause> causes) {
    ArrayNode array = Json.array();
    for (Cause cause : causes) {
      array
          .addObject()
          .put("reason", cause.reason())
          .put("message", cause.message())
          .put("field", cause.field());
    }
    return array;
  }
}
