package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.api.v1alpha1.ScalingTargets;
import io.fabric8.kubernetes.api.model.IntOrString;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The part of {@link SpecValidator} for spec.scaling. */
public final class ScalingValidator {
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration DAY = Duration.ofHours(24);
  private static final double LEAST_OCCUPANCY = 0.05;

  private final List<String> problems = new ArrayList<>();

  private ScalingValidator() {}

  /** What is wrong with it, a sentence each. */
  public static List<String> problems(ScalingSpec scaling) {
    ScalingValidator validator = new ScalingValidator();
    if (scaling != null) {
      validator.checkBounds(scaling);
      validator.checkTimes(scaling);
      validator.checkTargets(scaling.targets());
    }
    return List.copyOf(validator.problems);
  }

  private void checkBounds(ScalingSpec scaling) {
    if (scaling.maxReplicas() == null) {
      problems.add("spec.scaling.maxReplicas is required");
      return;
    }
    int most = InferenceDeploymentSpec.MAX_REPLICAS;
    require(
        scaling.maxReplicas() >= 1 && scaling.maxReplicas() <= most,
        "spec.scaling.maxReplicas is %s: it must be between 1 and %s",
        scaling.maxReplicas(),
        most);
    require(
        scaling.minReplicas() >= 0 && scaling.minReplicas() <= scaling.maxReplicas(),
        "spec.scaling.minReplicas is %s: it must be between 0 and maxReplicas",
        scaling.minReplicas());
  }

  private void checkTimes(ScalingSpec scaling) {
    String idle = scaling.idleAfter();
    require(
        idle == null || scaling.minReplicas() == 0,
        "spec.scaling.idleAfter is '%s': it has a meaning only with minReplicas 0",
        idle);
    require(
        idle == null || SpecDuration.isBetween(idle, SECOND, DAY),
        "spec.scaling.idleAfter is '%s': it must be a duration between 1s and 24h",
        idle);
    String stabilization = scaling.scaleDown().stabilization();
    require(
        SpecDuration.isBetween(stabilization, SECOND, DAY),
        "spec.scaling.scaleDown.stabilization is '%s': it must be a duration between 1s and 24h",
        stabilization);
  }

  private void checkTargets(ScalingTargets targets) {
    require(
        targets.kvOccupancy() >= LEAST_OCCUPANCY && targets.kvOccupancy() <= 1,
        "spec.scaling.targets.kvOccupancy is %s: it must be between 0.05 and 1",
        targets.kvOccupancy());
    checkRate("tokensPerSecond", targets.tokensPerSecond());
    checkRate("promptTokensPerSecond", targets.promptTokensPerSecond());
    require(
        SpecDuration.isBetween(
            targets.timeToFirstToken(), Duration.ofMillis(10), Duration.ofMinutes(10)),
        "spec.scaling.targets.timeToFirstToken is '%s': it must be between 10ms and 10m",
        targets.timeToFirstToken());
  }

  private void checkRate(String field, IntOrString rate) {
    require(
        String.valueOf(rate.getValue()).matches(ScalingTargets.RATE),
        "spec.scaling.targets.%s is '%s': it must be auto or a positive whole number",
        field,
        rate.getValue());
  }

  // The annotation that Error Prone asks for would be one more dependency.
  @SuppressWarnings("AnnotateFormatMethod")
  private void require(boolean holds, String message, Object... values) {
    if (!holds) {
      problems.add(message.formatted(values));
    }
  }
}
