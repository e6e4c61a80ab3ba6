package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import io.fabric8.kubernetes.api.model.Pod;
import java.net.URI;
import java.util.Optional;

/** Where a pod can be asked. */
public final class PodAddress {
  private PodAddress() {}

  /** Of the page of metrics; empty where nothing can answer yet, or any more. */
  static Optional<URI> metrics(PodState state) {
    return state.isStarted()
        ? address(state.pod(), Names.HTTP_PORT_NAME, "/metrics")
        : Optional.empty();
  }

  /** Of the admin port's drain. */
  public static Optional<URI> drain(Pod pod) {
    return address(pod, Names.ADMIN_PORT_NAME, "/drain");
  }

  private static Optional<URI> address(Pod pod, String portName, String path) {
    String ip = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
    if (ip == null || ip.isEmpty()) {
      return Optional.empty();
    }
    String host = ip.contains(":") ? "[" + ip + "]" : ip;
    return pod.getSpec().getContainers().stream()
        .flatMap(container -> container.getPorts().stream())
        .filter(port -> portName.equals(port.getName()))
        .map(port -> URI.create("http://" + host + ":" + port.getContainerPort() + path))
        .findFirst();
  }
}
