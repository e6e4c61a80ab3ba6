package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.api.v1alpha1.ScalingTargets;
import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.ScalingPolicy;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.OptionalDouble;

/** spec.scaling in the scaler's terms. */
public final class ScalingTerms {
  private static final double UTILIZATION = 0.85;
  private static final Duration UNSCHEDULABLE_AFTER = Duration.ofMinutes(1);

  private ScalingTerms() {}

  /**
   * The policy of a spec.
   *
   * @param held whether somebody holds requests at zero replicas; without, 0 counts as 1
   * @param staleAfter from when on a reading says nothing of now
   */
  public static ScalingPolicy policy(ScalingSpec spec, boolean held, Duration staleAfter) {
    String idleAfter = spec.idleAfter();
    return new ScalingPolicy(
        held ? spec.minReplicas() : Math.max(1, spec.minReplicas()),
        spec.maxReplicas(),
        spec.targets().kvOccupancy(),
        SpecDuration.parse(spec.targets().timeToFirstToken()),
        UTILIZATION,
        SpecDuration.parse(spec.scaleDown().stabilization()),
        SpecDuration.parse(idleAfter == null ? ScalingSpec.DEFAULT_IDLE_AFTER : idleAfter),
        staleAfter,
        UNSCHEDULABLE_AFTER);
  }

  /** What was measured, where the user says nothing else. */
  public static Capacity capacity(ScalingTargets targets, Capacity measured) {
    OptionalDouble prompt = rate(targets.promptTokensPerSecond());
    OptionalDouble output = rate(targets.tokensPerSecond());
    return prompt.isEmpty() && output.isEmpty()
        ? measured
        : new Capacity(
            prompt.orElse(measured.promptTokensPerSecond()),
            output.orElse(measured.outputTokensPerSecond()),
            measured.kvTokens(),
            Capacity.Source.SPEC);
  }

  private static OptionalDouble rate(IntOrString value) {
    String text = String.valueOf(value.getValue());
    return text.equals(ScalingTargets.AUTO)
        ? OptionalDouble.empty()
        : OptionalDouble.of(Double.parseDouble(text));
  }
}
