package dev.kvasir.e2e.apiserver.write;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.e2e.apiserver.model.ApiException;
import dev.kvasir.e2e.apiserver.model.Json;
import java.util.Map;
import java.util.Optional;

/**
 * How a deletion is meant.
 *
 * @param propagation Background, Foreground, Orphan, or empty for the default
 * @param uid the object that is meant, where another may have its name by now
 */
public record DeleteOptions(
    Optional<Long> graceSeconds,
    String propagation,
    Optional<String> uid,
    Optional<String> resourceVersion,
    boolean dryRun) {

  public static final DeleteOptions BACKGROUND =
      new DeleteOptions(Optional.empty(), "Background", Optional.empty(), Optional.empty(), false);

  /** Reads the options from the body, or from the query where the body says nothing. */
  public static DeleteOptions of(JsonNode body, Map<String, String> query) {
    JsonNode conditions = body.path("preconditions");
    String grace = body.path("gracePeriodSeconds").asText(query.get("gracePeriodSeconds"));
    boolean dry = !body.path("dryRun").isEmpty() || query.containsKey("dryRun");
    return new DeleteOptions(
        Optional.ofNullable(grace).map(DeleteOptions::seconds),
        propagation(body, query),
        text(conditions.path("uid")),
        text(conditions.path("resourceVersion")),
        dry);
  }

  private static String propagation(JsonNode body, Map<String, String> query) {
    if (body.path("orphanDependents").asBoolean()) {
      return "Orphan";
    }
    String query1 = query.getOrDefault("propagationPolicy", "");
    String policy = Json.text(body, "propagationPolicy");
    String chosen = policy.isEmpty() ? query1 : policy;
    return switch (chosen) {
      case "", "Background", "Foreground", "Orphan" -> chosen;
      default ->
          throw ApiException.badRequest(
              "invalid propagationPolicy \"%s\": Background, Foreground or Orphan"
                  .formatted(chosen));
    };
  }

  private static Optional<String> text(JsonNode node) {
    return node.isTextual() ? Optional.of(node.asText()) : Optional.empty();
  }

  private static long seconds(String text) {
    try {
      long seconds = Long.parseLong(text);
      if (seconds >= 0) {
        return seconds;
      }
    } catch (NumberFormatException e) {
      // Told below, with the negative ones.
    }
    throw ApiException.badRequest(
        "invalid gracePeriodSeconds \"%s\": must be 0 or more seconds".formatted(text));
  }
}
