package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Toleration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/** The hardware under a pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value = "!has(self.resource) || (has(self.count) && self.count > 0)",
    message = "resource needs a count of 1: with 0 the pods ask for no GPU")
public record AcceleratorSpec(
    @Size(min = 3, max = 317)
        @Pattern(RESOURCE)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "What the nodes call their GPUs, for example nvidia.com/gpu or nvidia.com/mig-3g.40gb."
                + " Default: nvidia.com/gpu.")
        String resource,
    @Default("0")
        @Min(0)
        @ValidationRule(
            value = "self <= 1",
            message =
                "a pod can use one GPU until the runtime spreads a model over several: leave count"
                    + " at 1 and ask for more replicas")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("GPUs of each pod: 0 is the CPU device, 1 is a GPU.")
        Integer count,
    @Size(min = 1, max = 253)
        @Pattern("^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The RuntimeClass of the pods, for example nvidia, where the nodes' default does not"
                + " give containers their GPU.")
        String runtimeClassName,
    @Size(max = 32)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("Labels that a node must have to run a pod of this model.")
        Map<@Size(max = 317) String, @Size(max = 63) String> nodeSelector,
    @Size(max = 32)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "Taints of nodes that the pods tolerate. Pods with a GPU tolerate NoSchedule taints of"
                + " its resource's name anyway.")
        List<Toleration> tolerations) {

  public static final String RESOURCE =
      "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?/[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$";
  public static final int MOST_GPUS = 1;

  private static final String NVIDIA = "nvidia.com/gpu";
  static final AcceleratorSpec DEFAULT = new AcceleratorSpec(null, null, null, null, null);

  public AcceleratorSpec {
    count = Objects.requireNonNullElse(count, 0);
    nodeSelector = nodeSelector == null ? Map.of() : new TreeMap<>(nodeSelector);
    tolerations = tolerations == null ? List.of() : List.copyOf(tolerations);
  }

  /** The resource that each pod asks for where count says so. */
  public String effectiveResource() {
    return Objects.requireNonNullElse(resource, NVIDIA);
  }
}
