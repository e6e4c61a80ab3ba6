package dev.kvasir.api.v1alpha1;

import static dev.kvasir.api.v1alpha1.Consequence.REPLACE_PODS;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Pattern;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import java.util.List;
import java.util.Objects;

/** How a pod runs the model. What is left out is the runtime's own default. */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record RuntimeSpec(
    @Size(min = 1, max = 512)
        @Pattern("^[^\\s]+$")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The runtime's image. Default: the one that the operator is configured with; pods that"
                + " run keep theirs when that changes.")
        String image,
    @Min(1)
        @Max(MAX_TOKENS)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The most tokens of prompt and output together that one request may have. Default: what"
                + " the model's config.json says, as far as memory reaches.")
        Integer maxModelLen,
    @Min(1)
        @Max(65536)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("The most requests that run at once in a pod; others wait.")
        Integer maxNumSeqs,
    @Min(1)
        @Max(MAX_TOKENS)
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "The token budget of one step of the engine; longer prompts are computed in chunks.")
        Integer maxNumBatchedTokens,
    @JsonPropertyDescription("The paged KV cache.") KvCacheSpec kvCache,
    @Size(max = 64)
        @ValidationRule(
            value = "self.all(a, !a.matches('" + OPERATOR_FLAGS + "'))",
            message =
                "args must not repeat a flag that the operator sets itself: --model,"
                    + " --served-model-name, --host, --port, --admin-port, --device,"
                    + " --api-key-file and --drain-timeout follow from other fields of the spec")
        @ValidationRule(
            value = "self.all(a, !a.matches('" + FIELD_FLAGS + "'))",
            message =
                "args must not repeat a flag that has a field: use"
                    + " spec.model.quantization, and maxModelLen, maxNumSeqs, maxNumBatchedTokens,"
                    + " kvCache.blockSize, kvCache.memory, kvCache.memoryUtilization, kvCache.dtype"
                    + " and kvCache.prefixCaching of spec.runtime")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription(
            "More flags for the runtime's serve command, for example [--max-waiting, \"64\"]. Flags"
                + " that the operator sets, or that have a field, are refused.")
        List<@Size(min = 1, max = 1024) String> args,
    @Size(max = 64)
        @ValidationRule(
            value = "self.all(e, e.name != 'POD_IP')",
            message = "env must not set POD_IP: the operator sets it")
        @ValidationRule(
            value = "self.all(e, e.name != 'NVIDIA_VISIBLE_DEVICES')",
            message =
                "env must not set NVIDIA_VISIBLE_DEVICES: the device plugin says which GPU a pod"
                    + " was given")
        @OnChange(REPLACE_PODS)
        @JsonPropertyDescription("Environment variables of the runtime's container.")
        List<EnvVarSpec> env,
    @JsonPropertyDescription("CPU and memory of the runtime's container.")
        ResourcesSpec resources) {

  public static final int MAX_TOKENS = 16_777_216;
  public static final String OPERATOR_FLAGS =
      "^--(model|served-model-name|host|port|admin-port|device|api-key-file|drain-timeout)(=.*)?$";
  public static final String FIELD_FLAGS =
      "^--(max-model-len|max-num-seqs|max-num-batched-tokens|block-size|kv-cache-memory-bytes"
          + "|gpu-memory-utilization|kv-cache-dtype|quantization|enable-prefix-caching|no-enable-prefix-caching)(=.*)?$";

  static final RuntimeSpec DEFAULT =
      new RuntimeSpec(null, null, null, null, null, null, null, null);

  public RuntimeSpec {
    kvCache = Objects.requireNonNullElse(kvCache, KvCacheSpec.DEFAULT);
    args = args == null ? List.of() : List.copyOf(args);
    env = env == null ? List.of() : List.copyOf(env);
    resources = Objects.requireNonNullElse(resources, ResourcesSpec.DEFAULT);
  }
}
