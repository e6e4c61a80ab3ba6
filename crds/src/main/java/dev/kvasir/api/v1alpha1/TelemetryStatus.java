package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What the pods say of their load, rounded. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record TelemetryStatus(
    @JsonPropertyDescription("Output tokens a second, of all pods.") Integer tokensPerSecond,
    @JsonPropertyDescription("Prompt tokens computed a second, of all pods.")
        Integer promptTokensPerSecond,
    @JsonPropertyDescription("How much of all KV caches is in use, in percent.") Integer kvPercent,
    @JsonPropertyDescription("Requests in the pods' batches.") Integer running,
    @JsonPropertyDescription("Requests that wait: in the pods' queues, or held for a pod.")
        Integer waiting,
    @JsonPropertyDescription(
            "95 of 100 requests had their first token within this, over the last minute.")
        String timeToFirstTokenP95,
    @JsonPropertyDescription("Pods that should say of their load and can't be read.")
        Integer unreadablePods) {}
