package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSpec;
import java.util.Optional;
import java.util.stream.Stream;

/** What a pod may ask for that this node can't give and must not pretend to. */
final class UnsupportedFeatures {
  private UnsupportedFeatures() {}

  static Optional<String> of(PodSpec spec) {
    if (Boolean.TRUE.equals(spec.getHostNetwork())) {
      return Optional.of(
          "the local node has no hostNetwork: each pod has a loopback address of its own");
    }
    return Stream.concat(
            spec.getInitContainers().stream().flatMap(UnsupportedFeatures::initContainer),
            spec.getContainers().stream().flatMap(UnsupportedFeatures::container))
        .findFirst();
  }

  private static Stream<String> initContainer(Container container) {
    boolean sidecar = container.getRestartPolicy() != null;
    Stream<String> problem =
        sidecar
            ? Stream.of(
                "container "
                    + container.getName()
                    + ": the local node has no restartPolicy of init containers")
            : Stream.empty();
    return Stream.concat(problem, container(container));
  }

  private static Stream<String> container(Container container) {
    boolean postStart =
        container.getLifecycle() != null && container.getLifecycle().getPostStart() != null;
    return postStart
        ? Stream.of("container " + container.getName() + ": the local node has no postStart hooks")
        : Stream.empty();
  }
}
