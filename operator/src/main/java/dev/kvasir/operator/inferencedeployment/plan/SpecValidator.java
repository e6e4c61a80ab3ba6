package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.AcceleratorSpec;
import dev.kvasir.api.v1alpha1.EnvVarSpec;
import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.KvCacheSpec;
import dev.kvasir.api.v1alpha1.ModelSpec;
import dev.kvasir.api.v1alpha1.ResourcesSpec;
import dev.kvasir.api.v1alpha1.RolloutSpec;
import dev.kvasir.api.v1alpha1.RuntimeSpec;
import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Checks a spec again, whatever the API server has checked: a resource may have been stored before
 * a rule of the CRD was there.
 */
public final class SpecValidator {
  private static final BigDecimal SMALLEST_CACHE = BigDecimal.valueOf(1 << 20);
  private static final Set<String> RESOURCES = Set.of("cpu", "memory", "ephemeral-storage");
  private static final Duration DAY = Duration.ofHours(24);

  private final List<String> problems = new ArrayList<>();

  private SpecValidator() {}

  /** What is wrong, a sentence each; empty where the spec can be put into effect. */
  public static List<String> problems(String resourceName, InferenceDeploymentSpec spec) {
    if (spec == null || spec.model() == null) {
      return List.of("spec.model is required");
    }
    SpecValidator validator = new SpecValidator();
    validator.checkName(resourceName);
    validator.checkModel(spec.model());
    validator.checkRuntime(spec.runtime());
    validator.checkResources(spec.runtime().resources());
    validator.checkRollout(spec.rollout());
    validator.checkAccelerator(spec.accelerator(), spec.runtime().kvCache());
    validator.checkRange("spec.replicas", spec.replicas(), 0, InferenceDeploymentSpec.MAX_REPLICAS);
    validator.checkAccess(spec);
    validator.problems.addAll(ScalingValidator.problems(spec.scaling()));
    return List.copyOf(validator.problems);
  }

  private void checkName(String name) {
    require(
        name.matches("^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$"),
        "metadata.name is '%s': it must start with a letter, hold only a-z, 0-9 and '-', and have"
            + " at most 63 characters",
        name);
  }

  private void checkModel(ModelSpec model) {
    String uri = String.valueOf(model.uri());
    require(
        uri.matches(ModelSpec.BUNDLED) || uri.matches(ModelSpec.FILE),
        "spec.model.uri is '%s': it must be bundled://NAME or file:///PATH; other sources are not"
            + " supported yet",
        uri);
    require(
        model.name() == null || model.name().matches(ModelSpec.NAME),
        "spec.model.name is '%s': it must match %s",
        model.name(),
        ModelSpec.NAME);
  }

  private void checkRuntime(RuntimeSpec runtime) {
    checkRange("spec.runtime.maxModelLen", runtime.maxModelLen(), 1, RuntimeSpec.MAX_TOKENS);
    checkRange("spec.runtime.maxNumSeqs", runtime.maxNumSeqs(), 1, 65536);
    checkRange(
        "spec.runtime.maxNumBatchedTokens",
        runtime.maxNumBatchedTokens(),
        1,
        RuntimeSpec.MAX_TOKENS);
    checkRange("spec.runtime.kvCache.blockSize", runtime.kvCache().blockSize(), 1, 1024);
    checkCacheMemory(runtime.kvCache().memory());
    for (String argument : runtime.args()) {
      require(
          !argument.matches(RuntimeSpec.OPERATOR_FLAGS),
          "spec.runtime.args has %s: the operator sets that flag itself",
          argument);
      require(
          !argument.matches(RuntimeSpec.FIELD_FLAGS),
          "spec.runtime.args has %s: spec.runtime has a field for it",
          argument);
    }
    checkEnvironment(runtime.env());
  }

  private void checkCacheMemory(Quantity memory) {
    require(
        memory == null || (isWhole(memory) && amount(memory).compareTo(SMALLEST_CACHE) >= 0),
        "spec.runtime.kvCache.memory is %s: it must be a whole number of bytes of at least 1Mi",
        memory);
  }

  private void checkEnvironment(List<EnvVarSpec> environment) {
    Set<String> names = new HashSet<>();
    for (EnvVarSpec variable : environment) {
      String name = variable.name();
      require(name != null && names.add(name), "spec.runtime.env has %s twice", name);
      require(
          !RuntimeArguments.POD_IP.equals(name),
          "spec.runtime.env has %s: the operator sets it",
          name);
      require(
          !"NVIDIA_VISIBLE_DEVICES".equals(name),
          "spec.runtime.env has %s: the device plugin says which GPU a pod was given",
          name);
      require(
          variable.value() == null || variable.valueFrom() == null,
          "spec.runtime.env has %s with value and valueFrom: set one",
          name);
    }
  }

  private void checkResources(ResourcesSpec resources) {
    checkQuantities("requests", resources.requests());
    checkQuantities("limits", resources.limits());
    resources
        .requests()
        .forEach((name, request) -> {
          Quantity limit = resources.limits().get(name);
          require(
              limit == null
                  || amount(request) == null
                  || amount(limit) == null
                  || amount(request).compareTo(amount(limit)) <= 0,
              "spec.runtime.resources requests more %s than its limit",
              name);
        });
  }

  private void checkQuantities(String kind, Map<String, Quantity> quantities) {
    quantities.forEach((name, quantity) -> {
      require(
          RESOURCES.contains(name),
          "spec.runtime.resources.%s has %s: only cpu, memory and ephemeral-storage belong"
              + " there",
          kind,
          name);
      require(
          amount(quantity) != null && amount(quantity).signum() >= 0,
          "spec.runtime.resources.%s has %s: it must be a quantity that is not negative",
          kind,
          name);
    });
  }

  private void checkAccelerator(AcceleratorSpec accelerator, KvCacheSpec cache) {
    boolean gpu = accelerator.count() > 0;
    require(
        accelerator.count() >= 0 && accelerator.count() <= AcceleratorSpec.MOST_GPUS,
        "spec.accelerator.count is %s: it must be 0, the CPU device, or 1; a pod can't use more"
            + " GPUs yet, ask for more replicas",
        accelerator.count());
    require(
        accelerator.resource() == null || accelerator.resource().matches(AcceleratorSpec.RESOURCE),
        "spec.accelerator.resource is '%s': it must be DOMAIN/NAME, for example nvidia.com/gpu",
        accelerator.resource());
    require(
        accelerator.resource() == null || gpu,
        "spec.accelerator.resource is %s, but count is 0: set it to 1",
        accelerator.resource());
    Double share = cache.memoryUtilization();
    require(
        share == null || (share >= 0.05 && share <= 1),
        "spec.runtime.kvCache.memoryUtilization is %s: it must be between 0.05 and 1",
        share);
    require(
        share == null || gpu,
        "spec.runtime.kvCache.memoryUtilization has a meaning on a GPU only: set"
            + " spec.accelerator.count to 1, or use spec.runtime.kvCache.memory");
  }

  private void checkRollout(RolloutSpec rollout) {
    checkCount("maxSurge", rollout.maxSurge());
    checkCount("maxUnavailable", rollout.maxUnavailable());
    require(
        !(RolloutBounds.isNone(rollout.maxSurge())
            && RolloutBounds.isNone(rollout.maxUnavailable())),
        "spec.rollout: maxSurge and maxUnavailable must not both be 0: no pod could ever be"
            + " replaced");
    String drain = rollout.drain().maxDuration();
    require(
        !drain.endsWith("ms") && SpecDuration.isBetween(drain, Duration.ZERO, DAY),
        "spec.rollout.drain.maxDuration is '%s': it must be a duration such as 90s, 10m or 1h30m"
            + " of at most 24h",
        drain);
  }

  private void checkCount(String field, IntOrString value) {
    require(
        value == null || String.valueOf(value.getValue()).matches(RolloutSpec.COUNT_OR_PERCENT),
        "spec.rollout.%s is '%s': it must be a number of pods or a percentage up to 100%%",
        field,
        value == null ? null : value.getValue());
  }

  private void checkAccess(InferenceDeploymentSpec spec) {
    require(
        spec.access().apiKeysSecretRef() == null || spec.access().apiKeysSecretRef().name() != null,
        "spec.access.apiKeysSecretRef.name is required");
  }

  private void checkRange(String field, Integer value, int least, int most) {
    require(
        value == null || (value >= least && value <= most),
        "%s is %s: it must be between %s and %s",
        field,
        value,
        least,
        most);
  }

  private static boolean isWhole(Quantity quantity) {
    return amount(quantity) != null && amount(quantity).stripTrailingZeros().scale() <= 0;
  }

  /** Null where it is no quantity. */
  private static BigDecimal amount(Quantity quantity) {
    try {
      return quantity.getNumericalAmount();
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  // The annotation that Error Prone asks for would be one more dependency.
  @SuppressWarnings("AnnotateFormatMethod")
  private void require(boolean holds, String message, Object... values) {
    if (!holds) {
      problems.add(message.formatted(values));
    }
  }
}
