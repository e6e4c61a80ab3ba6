package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.SCALE;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;

/** How the number of pods follows the load. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "self.minReplicas <= self.maxReplicas",
    message = "minReplicas must not be greater than maxReplicas")
@ValidationRule(
    value = "!has(self.idleAfter) || self.minReplicas == 0",
    message = "idleAfter has a meaning only with minReplicas 0: leave it out, or set minReplicas")
public record ScalingSpec(
    @Default("1")
        @Min(0)
        @Max(InferenceDeploymentSpec.MAX_REPLICAS)
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Never fewer pods than this. 0 needs a gateway that holds requests meanwhile; without"
                + " one it counts as 1.")
        Integer minReplicas,
    @Required
        @Min(1)
        @Max(InferenceDeploymentSpec.MAX_REPLICAS)
        @OnChange(SCALE)
        @JsonPropertyDescription("Never more pods than this.")
        Integer maxReplicas,
    @JsonPropertyDescription("What replicas are sized for.") ScalingTargets targets,
    @JsonPropertyDescription("How replicas become fewer.") ScaleDownSpec scaleDown,
    @Size(min = 2, max = 16)
        @Pattern(DrainSpec.DURATION)
        @ValidationRule(
            value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
            message = "idleAfter must be between 1s and 24h")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "With minReplicas 0: the last pod goes after this time without any request. Default:"
                + " 10m.")
        String idleAfter,
    @Default("Active")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Active: the number of pods follows the decisions. Advisory: decisions are only"
                + " recorded in the status.")
        ScalingMode mode) {

  public static final String DEFAULT_IDLE_AFTER = "10m";

  public ScalingSpec {
    minReplicas = Objects.requireNonNullElse(minReplicas, 1);
    targets = Objects.requireNonNullElse(targets, ScalingTargets.DEFAULT);
    scaleDown = Objects.requireNonNullElse(scaleDown, ScaleDownSpec.DEFAULT);
    mode = Objects.requireNonNullElse(mode, ScalingMode.ACTIVE);
  }
}
