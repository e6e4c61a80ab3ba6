package dev.kvasir.e2e.node;

import java.time.Instant;
import java.util.List;

/** A pod at one moment, as this node knows it. */
record PodView(
    String podIp,
    String hostIp,
    Instant startTime,
    List<ContainerView> initContainers,
    List<ContainerView> containers) {

  boolean initialized() {
    return initContainers.stream().allMatch(ContainerView::succeeded);
  }

  boolean containersReady() {
    return containers.stream().allMatch(ContainerView::ready);
  }
}
