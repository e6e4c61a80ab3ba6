package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The hardware under a pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AcceleratorSpec(
    @Default("0")
        @Min(0)
        @ValidationRule(
            value = "self == 0",
            message = "GPUs come with a later release: leave count at 0, the CPU device")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("GPUs of each pod. 0 is the CPU device, and all there is yet.")
        Integer count,
    @Size(max = 32)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("Labels that a node must have to run a pod of this model.")
        Map<@Size(max = 317) String, @Size(max = 63) String> nodeSelector,
    @Size(max = 32)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("Taints of nodes that the pods tolerate.")
        List<Toleration> tolerations) {

  static final AcceleratorSpec DEFAULT = new AcceleratorSpec(null, null, null);

  public AcceleratorSpec {
    count = Objects.requireNonNullElse(count, 0);
    nodeSelector = nodeSelector == null ? Map.of() : new TreeMap<>(nodeSelector);
    tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
  }
}
