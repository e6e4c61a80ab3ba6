package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.SCALE;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.Objects;

/** How replicas become fewer. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ScaleDownSpec(
    @Default(FIVE_MINUTES)
        @Size(min = 2, max = 16)
        @Pattern(DrainSpec.DURATION)
        @ValidationRule(
            value = "duration(self) >= duration('1s') && duration(self) <= duration('24h')",
            message = "stabilization must be between 1s and 24h")
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "Replicas become fewer only after the largest number wanted within this time has"
                + " passed, for example 90s, 5m or 1h.")
        String stabilization) {
  private static final String FIVE_MINUTES = "5m";

  static final ScaleDownSpec DEFAULT = new ScaleDownSpec(null);

  public ScaleDownSpec {
    stabilization = Objects.requireNonNullElse(stabilization, FIVE_MINUTES);
  }
}
