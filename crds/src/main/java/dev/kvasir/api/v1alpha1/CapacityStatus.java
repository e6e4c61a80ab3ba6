package dev.kvasir.api.v1alpha1;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;

/** What one pod can do, as far as it is known. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record CapacityStatus(
    @JsonPropertyDescription("Prompt tokens a second.") Integer promptTokensPerSecond,
    @JsonPropertyDescription("Output tokens a second.") Integer tokensPerSecond,
    @JsonPropertyDescription("Tokens that the KV cache holds.") Integer kvTokens,
    @JsonPropertyDescription("Where the rates come from: Spec, Learned, Benchmark or Unknown.")
        String source) {}
