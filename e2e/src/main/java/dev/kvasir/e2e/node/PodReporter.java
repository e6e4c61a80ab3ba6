package dev.kvasir.e2e.node;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Clock;
import java.util.Map;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;

/**
 * Tells the API server what a pod does: one writer per pod, and only when there is something new.
 */
final class PodReporter {
  private static final System.Logger LOG = System.getLogger(PodReporter.class.getName());
  private static final int RETRY_MILLIS = 500;

  private final KubernetesClient client;
  private final Pod pod;
  private final Supplier<PodView> view;
  private final Clock clock;
  private final Semaphore wake = new Semaphore(0);
  private PodStatus reported;
  private PodView reportedView;

  PodReporter(KubernetesClient client, Pod pod, Supplier<PodView> view, Clock clock) {
    this.client = client;
    this.pod = pod;
    this.view = view;
    this.clock = clock;
    this.reported = pod.getStatus();
  }

  /** Conditions that others add to the pod are written back as they are. */
  synchronized void observed(PodStatus status) {
    if (status != null) {
      reported = PodStatuses.withForeignConditions(reported, status);
    }
  }

  void wake() {
    wake.release();
  }

  /** Until interrupted; a report that fails is tried again. */
  void run() throws InterruptedException {
    while (true) {
      wake.acquire();
      wake.drainPermits();
      if (!report()) {
        Thread.sleep(RETRY_MILLIS);
        wake();
      }
    }
  }

  /** Whether the API server knows, or never will because the pod is gone. */
  synchronized boolean report() {
    PodView now = view.get();
    if (now.equals(reportedView)) {
      return true;
    }
    PodStatus status = PodStatuses.status(now, reported, clock.instant());
    try {
      patch(status);
      reported = status;
      reportedView = now;
      return true;
    } catch (KubernetesClientException e) {
      LOG.log(
          System.Logger.Level.DEBUG,
          "status of pod " + pod.getMetadata().getName() + ": " + e.getMessage());
      return e.getCode() == 404 || e.getCode() == 409;
    }
  }

  /** The uid makes sure that a successor of the same name is not written to. */
  private void patch(PodStatus status) {
    var patch = Map.of("metadata", Map.of("uid", pod.getMetadata().getUid()), "status", status);
    var _ =
        client
            .pods()
            .inNamespace(pod.getMetadata().getNamespace())
            .withName(pod.getMetadata().getName())
            .subresource("status")
            .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
  }
}
