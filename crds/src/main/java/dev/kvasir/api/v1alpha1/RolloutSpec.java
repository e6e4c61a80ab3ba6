package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.NOTHING;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.util.Objects;

/** How pods are replaced. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!(has(self.maxSurge) && has(self.maxUnavailable) && string(self.maxSurge) in ['0', '0%']"
            + " && string(self.maxUnavailable) in ['0', '0%'])",
    message = "maxSurge and maxUnavailable must not both be 0: no pod could ever be replaced")
public record RolloutSpec(
    @Default("1")
        @ValidationRule(
            value = "string(self).matches('" + COUNT_OR_PERCENT + "')",
            message = "must be a number of pods or a percentage up to 100%")
        @OnChange(NOTHING)
        @JsonPropertyDescription(
            "How many pods, or what share, may run beyond replicas while they are replaced.")
        IntOrString maxSurge,
    @ValidationRule(
            value = "string(self).matches('" + COUNT_OR_PERCENT + "')",
            message = "must be a number of pods or a percentage up to 100%")
        @OnChange(NOTHING)
        @JsonPropertyDescription(
            "How many pods, or what share of replicas, may be missing while they are replaced."
                + " Default: 0; 1 where maxSurge is 0, and where no node has room for a new pod"
                + " beside the old ones and others go on serving.")
        IntOrString maxUnavailable,
    @JsonPropertyDescription("How a pod that must go finishes its work first.") DrainSpec drain) {

  public static final String COUNT_OR_PERCENT = "^([0-9]{1,4}|([0-9]{1,2}|100)%)$";

  static final RolloutSpec DEFAULT = new RolloutSpec(null, null, null);

  public RolloutSpec {
    maxSurge = Objects.requireNonNullElseGet(maxSurge, () -> new IntOrString(1));
    drain = Objects.requireNonNullElse(drain, DrainSpec.DEFAULT);
  }
}
