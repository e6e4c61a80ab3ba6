package dev.kvasir.operator.gateway;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.ScalingMode;
import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.telemetry.DeploymentKey;
import io.fabric8.kubernetes.api.model.ContainerPort;
import io.fabric8.kubernetes.api.model.Pod;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Reads the catalog out of the cluster's objects. */
final class CatalogReader {
  private CatalogReader() {}

  static Catalog read(Collection<InferenceDeployment> deployments, Collection<Pod> pods) {
    Map<DeploymentKey, List<Pod>> byDeployment =
        pods.stream()
            .filter(CatalogReader::takesRequests)
            .collect(Collectors.groupingBy(CatalogReader::deployment));
    return new Catalog(
        deployments.stream()
            .filter(deployment -> deployment.getMetadata().getDeletionTimestamp() == null)
            .filter(deployment -> deployment.getSpec() != null)
            .map(deployment ->
                served(deployment, byDeployment.getOrDefault(key(deployment), List.of())))
            .toList());
  }

  private static Served served(InferenceDeployment deployment, List<Pod> pods) {
    return new Served(
        key(deployment),
        model(deployment),
        wakes(deployment),
        created(deployment),
        pods.stream().map(CatalogReader::endpoint).toList());
  }

  private static DeploymentKey key(InferenceDeployment deployment) {
    return DeploymentKey.of(deployment);
  }

  /** As the replicas know it: where the spec is not valid, they keep the name they had. */
  private static String model(InferenceDeployment deployment) {
    if (deployment.getStatus() != null && deployment.getStatus().model() != null) {
      return deployment.getStatus().model();
    }
    return Optional.ofNullable(deployment.getSpec().model().name())
        .orElse(deployment.getMetadata().getName());
  }

  /** An operator that only advises starts nothing; but what runs may become ready. */
  private static boolean wakes(InferenceDeployment deployment) {
    ScalingSpec scaling = deployment.getSpec().scaling();
    if (scaling == null) {
      return deployment.getSpec().replicas() > 0;
    }
    InferenceDeploymentStatus status = deployment.getStatus();
    boolean runs = status != null && status.replicas() != null && status.replicas() > 0;
    return runs || scaling.mode() == ScalingMode.ACTIVE;
  }

  private static Instant created(InferenceDeployment deployment) {
    String timestamp = deployment.getMetadata().getCreationTimestamp();
    return timestamp == null ? Instant.EPOCH : Instant.parse(timestamp);
  }

  private static DeploymentKey deployment(Pod pod) {
    return new DeploymentKey(
        pod.getMetadata().getNamespace(), pod.getMetadata().getLabels().get(Names.INSTANCE));
  }

  /** The same pods that the deployment's Service has. */
  private static boolean takesRequests(Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels != null
        && labels.containsKey(Names.INSTANCE)
        && "true".equals(labels.get(Names.SERVING))
        && pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus() != null
        && pod.getStatus().getPodIP() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> c.getType().equals("Ready") && c.getStatus().equals("True"));
  }

  private static Endpoint endpoint(Pod pod) {
    int port =
        pod.getSpec().getContainers().stream()
            .flatMap(container -> container.getPorts().stream())
            .filter(candidate -> Names.HTTP_PORT_NAME.equals(candidate.getName()))
            .map(ContainerPort::getContainerPort)
            .findFirst()
            .orElse(Names.HTTP_PORT);
    return new Endpoint(pod.getMetadata().getName(), pod.getStatus().getPodIP(), port);
  }
}
