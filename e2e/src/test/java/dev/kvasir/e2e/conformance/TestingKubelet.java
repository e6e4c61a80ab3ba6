package dev.kvasir.e2e.conformance;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;

/** Says that a namespace's pods run and are ready, and lets those go that are deleted. */
final class TestingKubelet implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);
  private static final PatchContext MERGE = PatchContext.of(PatchType.JSON_MERGE);

  private final KubernetesClient client;
  private final String namespace;
  private final Thread loop = Thread.ofVirtual().unstarted(this::run);
  private volatile Predicate<Pod> readies = pod -> true;

  TestingKubelet(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
    loop.start();
  }

  /** Which pods become ready; all of them unless said otherwise. */
  TestingKubelet readyOnly(Predicate<Pod> which) {
    readies = which;
    return this;
  }

  private void run() {
    try {
      while (true) {
        pods().forEach(this::attend);
        Thread.sleep(POLL);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private List<Pod> pods() {
    return client.pods().inNamespace(namespace).list().getItems();
  }

  private void attend(Pod pod) {
    try {
      if (pod.getMetadata().getDeletionTimestamp() != null) {
        client.resource(pod).withGracePeriod(0).delete();
      } else if (!Readiness.isPodReady(pod) && readies.test(pod)) {
        markReady(client, pod);
      }
    } catch (KubernetesClientException e) {
      if (e.getCode() != 404 && e.getCode() != 409) {
        throw e;
      }
    }
  }

  static void markReady(KubernetesClient client, Pod pod) {
    String status =
        """
        {"status": {"phase": "Running", "podIP": "127.70.1.1", "podIPs": [{"ip": "127.70.1.1"}],
          "conditions": [{"type": "Ready", "status": "True", "lastTransitionTime": "2026-01-01T00:00:00Z"}],
          "containerStatuses": [{"name": "c", "ready": true, "started": true, "restartCount": 0,
            "image": "conformance/none:1", "imageID": "",
            "state": {"running": {"startedAt": "2026-01-01T00:00:00Z"}}}]}}
        """;
    client.resource(pod).subresource("status").patch(MERGE, status);
  }

  @Override
  public void close() {
    loop.interrupt();
    try {
      loop.join(Duration.ofSeconds(10));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
