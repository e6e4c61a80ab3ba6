package dev.kvasir.operator.telemetry;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Names an InferenceDeployment. */
public record DeploymentKey(String namespace, String name) {

  public static DeploymentKey of(HasMetadata resource) {
    return new DeploymentKey(
        resource.getMetadata().getNamespace(), resource.getMetadata().getName());
  }
}
