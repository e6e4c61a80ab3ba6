package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.SCALE;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.Objects;

/** What replicas are sized for; the one that asks for most decides. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScalingTargets(
    @Default("0.8")
        // Not minimum: the API server takes a whole 0 to be no less than 0.05.
        @ValidationRule(
            value = "self >= 0.05 && self <= 1.0",
            message = "kvOccupancy must be between 0.05 and 1")
        @OnChange(SCALE)
        @JsonPropertyDescription("The part of all KV caches that may be in use, 0.05 to 1.")
        Double kvOccupancy,
    @Default(AUTO)
        @ValidationRule(
            value = "string(self).matches('" + RATE + "')",
            message = "tokensPerSecond must be auto or a positive whole number")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Output tokens a second that one replica can do. auto: what is measured.")
        IntOrString tokensPerSecond,
    @Default(AUTO)
        @ValidationRule(
            value = "string(self).matches('" + RATE + "')",
            message = "promptTokensPerSecond must be auto or a positive whole number")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Prompt tokens a second that one replica can compute. auto: what is measured.")
        IntOrString promptTokensPerSecond,
    @Default(A_SECOND_AND_A_HALF)
        @Size(min = 2, max = 16)
        @Pattern(SHORT_DURATION)
        @ValidationRule(
            value = "duration(self) >= duration('10ms') && duration(self) <= duration('10m')",
            message = "timeToFirstToken must be between 10ms and 10m")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Within this time the prompts that wait should be computed, for example 500ms or 2s.")
        String timeToFirstToken) {

  public static final String AUTO = "auto";
  public static final String RATE = "^(auto|[1-9][0-9]{0,8})$";
  public static final String SHORT_DURATION = "^([0-9]{1,6}ms|([0-9]{1,4}m)?([0-9]{1,5}s)?)$";
  private static final String A_SECOND_AND_A_HALF = "1500ms";

  static final ScalingTargets DEFAULT = new ScalingTargets(null, null, null, null);

  public ScalingTargets {
    kvOccupancy = Objects.requireNonNullElse(kvOccupancy, 0.8);
    tokensPerSecond = Objects.requireNonNullElseGet(tokensPerSecond, () -> new IntOrString(AUTO));
    promptTokensPerSecond =
        Objects.requireNonNullElseGet(promptTokensPerSecond, () -> new IntOrString(AUTO));
    timeToFirstToken = Objects.requireNonNullElse(timeToFirstToken, A_SECOND_AND_A_HALF);
  }
}
