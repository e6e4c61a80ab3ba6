package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether a pod may run on the node, in the words of the Kubernetes scheduler where it may not. */
final class NodeFit {
  private NodeFit() {}

  static Optional<String> obstacle(Pod pod, Node node, List<Pod> allPods) {
    return runtimeClass(pod)
        .or(() -> selector(pod, node))
        .or(() -> affinity(pod))
        .or(() -> resources(pod, node, allPods));
  }

  /** Asked for in vain, a pod would wait on the node without a word in its status. */
  private static Optional<String> runtimeClass(Pod pod) {
    return Optional.ofNullable(pod.getSpec().getRuntimeClassName())
        .map(name ->
            "node(s) have no runtime class %s: their containers are plain processes"
                .formatted(name));
  }

  private static Optional<String> selector(Pod pod, Node node) {
    Map<String, String> wanted = pod.getSpec().getNodeSelector();
    Map<String, String> labels = node.getMetadata().getLabels();
    boolean matches =
        wanted == null
            || wanted.entrySet().stream()
                .allMatch(e -> e.getValue().equals(labels.get(e.getKey())));
    return matches
        ? Optional.empty()
        : Optional.of("node(s) didn't match Pod's node affinity/selector");
  }

  private static Optional<String> affinity(Pod pod) {
    var affinity = pod.getSpec().getAffinity();
    boolean required =
        affinity != null
            && affinity.getNodeAffinity() != null
            && affinity.getNodeAffinity().getRequiredDuringSchedulingIgnoredDuringExecution()
                != null;
    return required
        ? Optional.of(
            "node(s) can't be judged by required node affinity: the local scheduler knows nodeSelector only")
        : Optional.empty();
  }

  private static Optional<String> resources(Pod pod, Node node, List<Pod> allPods) {
    Map<String, Quantity> allocatable = node.getStatus().getAllocatable();
    for (String resource : names(pod)) {
      BigDecimal used =
          allPods.stream()
              .filter(other -> node.getMetadata().getName().equals(other.getSpec().getNodeName()))
              .filter(other -> !isTerminal(other))
              .map(other -> requested(other, resource))
              .reduce(BigDecimal.ZERO, BigDecimal::add);
      BigDecimal there =
          allocatable.containsKey(resource)
              ? allocatable.get(resource).getNumericalAmount()
              : BigDecimal.ZERO;
      if (used.add(requested(pod, resource)).compareTo(there) > 0) {
        return Optional.of("Insufficient " + resource);
      }
    }
    return Optional.empty();
  }

  private static List<String> names(Pod pod) {
    return pod.getSpec().getContainers().stream()
        .filter(c -> c.getResources() != null)
        .flatMap(c -> Stream.of(c.getResources().getRequests(), c.getResources().getLimits()))
        .filter(Objects::nonNull)
        .flatMap(map -> map.keySet().stream())
        .distinct()
        .sorted()
        .toList();
  }

  /** A limit without a request counts as the request, as the API server's defaults have it. */
  private static BigDecimal requested(Pod pod, String resource) {
    return pod.getSpec().getContainers().stream()
        .filter(c -> c.getResources() != null)
        .map(c -> quantity(c.getResources().getRequests(), c.getResources().getLimits(), resource))
        .filter(Objects::nonNull)
        .map(Quantity::getNumericalAmount)
        .reduce(BigDecimal.ZERO, BigDecimal::add);
  }

  private static Quantity quantity(
      Map<String, Quantity> requests, Map<String, Quantity> limits, String resource) {
    Quantity request = requests == null ? null : requests.get(resource);
    return request != null || limits == null ? request : limits.get(resource);
  }

  private static boolean isTerminal(Pod pod) {
    String phase = pod.getStatus() == null ? null : pod.getStatus().getPhase();
    return "Succeeded".equals(phase) || "Failed".equals(phase);
  }
}
