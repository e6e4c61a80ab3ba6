package dev.kvasir.e2e.simulation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.operator.inferencedeployment.plan.ScalingValidator;
import java.util.List;

/**
 * What a deployment might have as spec.scaling.
 *
 * @param text as the user wrote it
 */
record ScalingSettings(String text, ScalingSpec spec) {
  private static final ObjectMapper YAML = new YAMLMapper();
  private static final ObjectMapper JSON = new JsonMapper();

  /** Throws {@link IllegalArgumentException} where the API server or the operator refused it. */
  static ScalingSettings parse(String text) {
    ScalingSpec spec = spec(text);
    List<String> problems = ScalingValidator.problems(spec);
    if (!problems.isEmpty()) {
      throw new IllegalArgumentException(String.join("; ", problems));
    }
    return new ScalingSettings(text.strip(), spec);
  }

  private static ScalingSpec spec(String text) {
    try {
      JsonNode tree = YAML.readTree(text);
      if (!tree.isObject()) {
        throw new IllegalArgumentException(
            "'%s' must be what spec.scaling holds, for example '{maxReplicas: 8, scaleDown:"
                    .formatted(text)
                + " {stabilization: 1m}}'");
      }
      if (tree.has("mode")) {
        throw new IllegalArgumentException("mode changes no decision: leave it out");
      }
      return JSON.treeToValue(tree, ScalingSpec.class);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(
          "'%s' can't be read: %s"
              .formatted(text, e.getOriginalMessage().lines().findFirst().orElse("")),
          e);
    }
  }
}
