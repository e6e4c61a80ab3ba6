package dev.kvasir.e2e.operator;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;

/** Says of pods what a kubelet would. */
final class TestingNode {
  static final String POD_IP = "127.1.0.1";

  private static final int NOT_FOUND = 404;
  private static final int CONFLICT = 409;

  private final KubernetesClient client;

  TestingNode(KubernetesClient client) {
    this.client = client;
  }

  /** Every pod of the namespace runs and is ready. */
  void makeAllReady(String namespace) {
    client.pods().inNamespace(namespace).list().getItems().stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .filter(pod -> pod.getStatus().getContainerStatuses().isEmpty())
        .forEach(this::makeReady);
  }

  private void makeReady(Pod pod) {
    try {
      client.resource(ready(pod)).updateStatus();
    } catch (KubernetesClientException e) {
      // It is gone or was changed; the next round sees.
      if (e.getCode() != NOT_FOUND && e.getCode() != CONFLICT) {
        throw e;
      }
    }
  }

  private static Pod ready(Pod pod) {
    String now = Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    return new PodBuilder(pod)
        .editStatus()
        .withPhase("Running")
        .withPodIP(POD_IP)
        .addNewCondition()
        .withType("Ready")
        .withStatus("True")
        .withLastTransitionTime(now)
        .endCondition()
        .addNewContainerStatus()
        .withName("runtime")
        .withImage("i")
        .withImageID("i")
        .withReady(true)
        .withStarted(true)
        .withRestartCount(0)
        .withNewState()
        .withNewRunning(now)
        .endState()
        .endContainerStatus()
        .endStatus()
        .build();
  }
}
