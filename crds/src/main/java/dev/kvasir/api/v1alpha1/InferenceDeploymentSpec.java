package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.SCALE;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.model.annotation.SpecReplicas;
import java.util.Objects;

/** What the user wants; parts that are left out are present here with their defaults. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
@ValidationRule(
    value =
        "!has(self.runtime) || !has(self.runtime.kvCache) ||"
            + " !has(self.runtime.kvCache.memoryUtilization) || (has(self.accelerator) &&"
            + " has(self.accelerator.count) && self.accelerator.count > 0)",
    message =
        "runtime.kvCache.memoryUtilization has a meaning on a GPU only: set accelerator.count to 1,"
            + " or use runtime.kvCache.memory")
public record InferenceDeploymentSpec(
    @Required @JsonPropertyDescription("The model to serve, and the name it is served under.")
        ModelSpec model,
    @JsonPropertyDescription("How each pod runs the model: image, limits, memory, flags.")
        RuntimeSpec runtime,
    @JsonPropertyDescription("The hardware of each pod, and the nodes that may have it.")
        AcceleratorSpec accelerator,
    @SpecReplicas
        @Default("1")
        @Min(0)
        @Max(MAX_REPLICAS)
        @OnChange(SCALE)
        @JsonPropertyDescription(
            "How many pods serve the model. 0 keeps the resource and its endpoint and runs none."
                + " This is the field that kubectl scale writes.")
        Integer replicas,
    @JsonPropertyDescription(
            "Lets the number of pods follow the load; replicas is ignored then. Left out: replicas"
                + " decides.")
        ScalingSpec scaling,
    @JsonPropertyDescription("How pods are replaced when the spec changes.") RolloutSpec rollout,
    @JsonPropertyDescription("Who may use the endpoint. Left out: anyone who can reach it.")
        AccessSpec access) {

  public static final int MAX_REPLICAS = 1000;

  public InferenceDeploymentSpec {
    runtime = Objects.requireNonNullElse(runtime, RuntimeSpec.DEFAULT);
    accelerator = Objects.requireNonNullElse(accelerator, AcceleratorSpec.DEFAULT);
    replicas = Objects.requireNonNullElse(replicas, 1);
    rollout = Objects.requireNonNullElse(rollout, RolloutSpec.DEFAULT);
    access = Objects.requireNonNullElse(access, AccessSpec.DEFAULT);
  }
}
