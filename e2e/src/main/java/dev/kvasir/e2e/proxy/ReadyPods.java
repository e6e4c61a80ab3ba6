package dev.kvasir.e2e.proxy;

import io.fabric8.kubernetes.api.model.IntOrString;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServicePort;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which pods serve a service's port. */
final class ReadyPods {
  private ReadyPods() {}

  static List<Backend> backends(Service service, ServicePort port, List<Pod> pods) {
    return pods.stream()
        .filter(
            pod -> pod.getMetadata().getNamespace().equals(service.getMetadata().getNamespace()))
        .filter(pod -> isSelected(service, pod) && serves(pod))
        .flatMap(pod ->
            targetPort(port, pod)
                .map(target -> new Backend(pod.getStatus().getPodIP(), target))
                .stream())
        .toList();
  }

  private static boolean isSelected(Service service, Pod pod) {
    Map<String, String> labels = pod.getMetadata().getLabels();
    return labels != null
        && labels.entrySet().containsAll(service.getSpec().getSelector().entrySet());
  }

  private static boolean serves(Pod pod) {
    return pod.getMetadata().getDeletionTimestamp() == null
        && pod.getStatus() != null
        && pod.getStatus().getPodIP() != null
        && pod.getStatus().getConditions().stream()
            .anyMatch(c -> "Ready".equals(c.getType()) && "True".equals(c.getStatus()));
  }

  /** A pod that has no port of that name serves nothing under it. */
  private static Optional<Integer> targetPort(ServicePort port, Pod pod) {
    IntOrString target = port.getTargetPort();
    if (target == null) {
      return Optional.of(port.getPort());
    }
    if (target.getIntVal() != null) {
      return Optional.of(target.getIntVal() == 0 ? port.getPort() : target.getIntVal());
    }
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(p -> target.getStrVal().equals(p.getName()))
        .map(p -> p.getContainerPort())
        .findFirst();
  }
}
