package dev.kvasir.e2e.controlplane;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.nio.file.Path;

/**
 * A Kubernetes API on a loopback address with the controllers of workloads (Deployment, ReplicaSet,
 * garbage collection, PodDisruptionBudget), without a node.
 */
public interface ControlPlane extends AutoCloseable {
  /** Where the API is served, such as {@code https://127.0.0.1:6443}. */
  String url();

  /** What kubectl needs to be its administrator. */
  Path kubeconfig();

  /** A client of its own, with the administrator's rights; the caller closes it. */
  default KubernetesClient client() {
    return new KubernetesClientBuilder()
        .withConfig(Config.fromKubeconfig(kubeconfig().toFile()))
        .build();
  }

  /** Ends every process and thread of its own and removes its data. */
  @Override
  void close();
}
