package dev.kvasir.operator.inferencedeployment.plan;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.ScalingMode;
import dev.kvasir.api.v1alpha1.ScalingSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * How many pods are wanted.
 *
 * @param decided by the scaler; empty where it has not decided yet
 * @param last wanted before; empty where nothing was
 */
public record WantedReplicas(OptionalInt decided, OptionalInt last) {

  public static final WantedReplicas UNKNOWN =
      new WantedReplicas(OptionalInt.empty(), OptionalInt.empty());

  /** By spec.replicas, or where spec.scaling is present by its decisions, or as it was. */
  int of(InferenceDeploymentSpec spec, Optional<Deployment> running) {
    ScalingSpec scaling = spec.scaling();
    if (scaling == null) {
      return spec.replicas();
    }
    if (scaling.mode() == ScalingMode.ACTIVE && decided.isPresent()) {
      return decided.getAsInt();
    }
    return last.orElseGet(() ->
        running
            .map(deployment -> deployment.getSpec().getReplicas())
            .orElseGet(() -> first(spec.replicas(), scaling)));
  }

  private static int first(int replicas, ScalingSpec scaling) {
    return Math.clamp(replicas, Math.max(1, scaling.minReplicas()), scaling.maxReplicas());
  }
}
