package dev.kvasir.operator.telemetry;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** One of the fleet: a resource with its pods, as the informers know them. */
public record Member(
    InferenceDeployment resource, Optional<Deployment> deployment, List<PodState> pods) {

  public Member {
    pods = List.copyOf(pods);
  }

  public static Member of(
      InferenceDeployment resource, Optional<Deployment> deployment, List<Pod> pods) {
    return new Member(resource, deployment, pods.stream().map(PodState::new).toList());
  }

  public DeploymentKey key() {
    return DeploymentKey.of(resource);
  }

  /** Of the pods that are wanted now. */
  String revision() {
    return deployment
        .map(running -> running.getSpec().getTemplate().getMetadata().getLabels())
        .map(labels -> labels.get(Names.REVISION))
        .orElse("");
  }

  /** What the Deployment asks for; without one, what the spec begins with. */
  int replicas() {
    return deployment
        .map(running -> Objects.requireNonNullElse(running.getSpec().getReplicas(), 1))
        .orElseGet(() -> resource.getSpec() == null ? 0 : resource.getSpec().replicas());
  }
}
