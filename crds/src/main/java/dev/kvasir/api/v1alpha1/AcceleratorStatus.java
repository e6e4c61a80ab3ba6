package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** A kind of card that pods run on, as their runtimes see it. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record AcceleratorStatus(
    @JsonPropertyDescription("The card's name, for example NVIDIA H100 80GB HBM3.") String name,
    @JsonPropertyDescription("The memory of one card.") String memory,
    @JsonPropertyDescription("The newest CUDA that its driver knows.") String driver,
    @JsonPropertyDescription("Pods that run on such a card and could be read lately.") Integer pods,
    @JsonPropertyDescription("Memory of a card that the model's weights take.") String weights,
    @JsonPropertyDescription("Memory of a card that the KV cache takes.") String kvCache) {}
