package dev.kvasir.operator.telemetry;

import io.fabric8.kubernetes.api.model.HasMetadata;

/** Names an InferenceDeployment. */
public record DeploymentKey(String namespace, String name) {

  public static DeploymentKey of(HasMetadata resource) {
    return new DeploymentKey(
        resource.getMetadata().getNamespace(), resource.getMetadata().getName());
  }

  /** As people write it, and clients of the gateway. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}
