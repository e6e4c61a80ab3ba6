package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.ApiKeysSecretRef;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.RuntimeSpec;
import java.util.ArrayList;
import java.util.List;

/** The runtime's command line for a spec. */
final class RuntimeArguments {
  static final String POD_IP = "POD_IP";
  static final String API_KEYS_DIRECTORY = "/etc/kvasir/api-keys";

  private final List<String> arguments = new ArrayList<>(List.of("serve"));

  private RuntimeArguments() {}

  static List<String> of(String resourceName, InferenceDeploymentSpec spec) {
    RuntimeArguments all = new RuntimeArguments();
    all.addModel(resourceName, spec);
    all.addAddress();
    all.addLimits(spec.runtime());
    all.add("--drain-timeout", SpecDuration.seconds(spec.rollout().drain().maxDuration()) + "s");
    all.addAccess(spec.access().apiKeysSecretRef());
    all.arguments.addAll(spec.runtime().args());
    return List.copyOf(all.arguments);
  }

  static String servedName(String resourceName, InferenceDeploymentSpec spec) {
    return spec.model().name() == null ? resourceName : spec.model().name();
  }

  private void addModel(String resourceName, InferenceDeploymentSpec spec) {
    add("--model", spec.model().uri());
    add("--served-model-name", servedName(resourceName, spec));
    add("--quantization", spec.model().quantization());
    add("--device", spec.accelerator().count() > 0 ? "cuda" : "cpu");
  }

  private void addAddress() {
    add("--host", "$(" + POD_IP + ")");
    add("--port", Names.HTTP_PORT);
    add("--admin-port", Names.ADMIN_PORT);
  }

  private void addLimits(RuntimeSpec runtime) {
    add("--max-model-len", runtime.maxModelLen());
    add("--max-num-seqs", runtime.maxNumSeqs());
    add("--max-num-batched-tokens", runtime.maxNumBatchedTokens());
    add("--block-size", runtime.kvCache().blockSize());
    add("--kv-cache-dtype", runtime.kvCache().dtype());
    add("--enable-prefix-caching", runtime.kvCache().prefixCaching());
    add("--gpu-memory-utilization", runtime.kvCache().memoryUtilization());
    if (runtime.kvCache().memory() != null) {
      add(
          "--kv-cache-memory-bytes",
          runtime.kvCache().memory().getNumericalAmount().toBigIntegerExact());
    }
  }

  private void addAccess(ApiKeysSecretRef keys) {
    if (keys != null) {
      add("--api-key-file", API_KEYS_DIRECTORY + "/" + keys.key());
    }
  }

  private void add(String flag, Object value) {
    if (value != null) {
      arguments.add(flag);
      arguments.add(value.toString());
    }
  }
}
