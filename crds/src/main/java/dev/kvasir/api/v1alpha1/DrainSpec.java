package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;

/** How long a pod may take to finish its streams. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record DrainSpec(
    @Default(TEN_MINUTES)
        @Size(min = 2, max = 16)
        @Pattern(DURATION)
        @ValidationRule(
            value = "duration(self) <= duration('24h')",
            message = "must be at most 24h")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The longest that a pod which must go works on what it has accepted, for example 90s,"
                + " 10m or 1h30m. What is not done then is cut, and counted.")
        String maxDuration) {

  public static final String DURATION = "^([0-9]{1,4}h)?([0-9]{1,4}m)?([0-9]{1,5}s)?$";
  private static final String TEN_MINUTES = "10m";

  static final DrainSpec DEFAULT = new DrainSpec(null);

  public DrainSpec {
    maxDuration = Objects.requireNonNullElse(maxDuration, TEN_MINUTES);
  }
}
