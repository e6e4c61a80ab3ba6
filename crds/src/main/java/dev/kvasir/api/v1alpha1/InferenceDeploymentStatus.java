package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.kubernetes.api.model.Condition;
import io.fabric8.kubernetes.model.annotation.LabelSelector;
import io.fabric8.kubernetes.model.annotation.StatusReplicas;
import java.util.List;

/** What the operator sees. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record InferenceDeploymentStatus(
    @JsonPropertyDescription("The generation of the spec that this status speaks of.")
        Long observedGeneration,
    @JsonPropertyDescription("The state in one word; the conditions say why.") Phase phase,
    @JsonPropertyDescription("The model name that clients send in their requests.") String model,
    @JsonPropertyDescription("The OpenAI-compatible base URL within the cluster.") String endpoint,
    @JsonPropertyDescription("How the checkpoint is quantized, as far as it is known.")
        String quantization,
    @StatusReplicas @JsonPropertyDescription("Pods that exist.") Integer replicas,
    @JsonPropertyDescription("Pods that serve.") Integer readyReplicas,
    @JsonPropertyDescription("Pods that are wanted, by spec.replicas or by spec.scaling.")
        Integer desiredReplicas,
    @LabelSelector
        @JsonPropertyDescription("The label selector of the pods, for the scale subresource.")
        String selector,
    @JsonPropertyDescription("What the pods say of their load.") TelemetryStatus telemetry,
    @JsonPropertyDescription("What one pod can do.") CapacityStatus capacity,
    @JsonPropertyDescription("The cards that the pods run on; absent on the CPU.")
        List<AcceleratorStatus> accelerators,
    @JsonPropertyDescription("What was decided on the number of pods, and why.")
        ScalingStatus scaling,
    @JsonPropertyDescription("What became of clients' streams.") StreamsStatus streams,
    @JsonPropertyDescription("The state in detail; CONDITIONS.md lists every reason.")
        List<Condition> conditions) {

  public InferenceDeploymentStatus {
    accelerators = accelerators == null ? List.of() : List.copyOf(accelerators);
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }
}
