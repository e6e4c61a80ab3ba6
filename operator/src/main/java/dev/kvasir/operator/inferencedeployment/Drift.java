package dev.kvasir.operator.inferencedeployment;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Whether an object differs from what is wanted, so that an apply which changes nothing is not even
 * sent. What others changed shows in the fields; what is no longer wanted shows in a hash of the
 * object as it was applied last.
 */
final class Drift {
  static final String APPLIED = "inference.kvasir.dev/applied";

  private static final ObjectMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS).build();

  private Drift() {}

  /** A copy that carries its own hash. */
  static <T extends HasMetadata> T marked(T desired) {
    JsonNode tree = JSON.valueToTree(desired);
    String hash =
        UUID.nameUUIDFromBytes(canonical(tree).getBytes(StandardCharsets.UTF_8)).toString();
    @SuppressWarnings("unchecked")
    T copy = (T) JSON.convertValue(tree, desired.getClass());
    copy.getMetadata().getAnnotations().put(APPLIED, hash);
    return copy;
  }

  static boolean isThere(HasMetadata marked, Optional<HasMetadata> actual) {
    return actual.isPresent() && contains(JSON.valueToTree(actual.get()), JSON.valueToTree(marked));
  }

  private static String canonical(JsonNode tree) {
    return JSON.convertValue(tree, Map.class).toString();
  }

  private static boolean contains(JsonNode actual, JsonNode wanted) {
    if (actual == null) {
      return wanted.isContainerNode() && wanted.isEmpty();
    }
    if (wanted.isObject()) {
      return wanted.properties().stream()
          .allMatch(field -> contains(actual.get(field.getKey()), field.getValue()));
    }
    if (wanted.isArray()) {
      return actual.size() == wanted.size() && elementsMatch(actual, wanted);
    }
    return actual.equals(wanted) || actual.asText().equals(wanted.asText());
  }

  private static boolean elementsMatch(JsonNode actual, JsonNode wanted) {
    for (int i = 0; i < wanted.size(); i++) {
      if (!contains(actual.get(i), wanted.get(i))) {
        return false;
      }
    }
    return true;
  }
}
