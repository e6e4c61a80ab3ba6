package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.Map;

/** Deletes a pod at once, and only that very pod: a successor of the same name is left alone. */
final class PodRemoval {
  private PodRemoval() {}

  static void remove(KubernetesClient client, Pod pod) {
    var options =
        Map.of(
            "apiVersion",
            "v1",
            "kind",
            "DeleteOptions",
            "gracePeriodSeconds",
            0,
            "preconditions",
            Map.of("uid", pod.getMetadata().getUid()));
    String path =
        "/api/v1/namespaces/"
            + pod.getMetadata().getNamespace()
            + "/pods/"
            + pod.getMetadata().getName();
    var _ = client.raw(path, "DELETE", options);
  }
}
