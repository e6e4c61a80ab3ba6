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
    @StatusReplicas @JsonPropertyDescription("Pods that exist.") Integer replicas,
    @JsonPropertyDescription("Pods that serve.") Integer readyReplicas,
    @LabelSelector
        @JsonPropertyDescription("The label selector of the pods, for the scale subresource.")
        String selector,
    @JsonPropertyDescription("The state in detail; CONDITIONS.md lists every reason.")
        List<Condition> conditions) {

  public InferenceDeploymentStatus {
    conditions = conditions == null ? List.of() : List.copyOf(conditions);
  }
}
