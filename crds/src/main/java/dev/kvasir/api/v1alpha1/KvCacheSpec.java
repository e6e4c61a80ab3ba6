package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Quantity;

/** The paged KV cache of a pod. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record KvCacheSpec(
    @Min(1)
        @Max(1024)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("Tokens in a block of the cache. Default: 16.")
        Integer blockSize,
    @ValidationRule(
            value =
                "isQuantity(string(self)) && quantity(string(self)).isInteger() &&"
                    + " quantity(string(self)).compareTo(quantity('1Mi')) >= 0",
            message = "must be a whole number of bytes of at least 1Mi, for example 2Gi")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "Memory for the cache, for example 2Gi. Default: the runtime's (1Gi on a CPU, on a GPU"
                + " what memoryUtilization leaves).")
        Quantity memory,
    // Not minimum and maximum: the API server takes a whole 0 to be no less than 0.05.
    @ValidationRule(
            value = "self >= 0.05 && self <= 1.0",
            message = "memoryUtilization must be between 0.05 and 1")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The share of the GPU's memory that may be in use once the cache is taken, 0.05 to 1."
                + " Default: 0.92.")
        Double memoryUtilization,
    @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "What keys and values are stored as. fp8 holds four times the tokens of float32 and"
                + " twice those of bf16, at a small loss. Default: auto, the device's own choice.")
        KvCacheType dtype,
    @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "Whether requests that begin alike share the computed beginning. Default: true.")
        Boolean prefixCaching) {

  static final KvCacheSpec DEFAULT = new KvCacheSpec(null, null, null, null, null);
}
