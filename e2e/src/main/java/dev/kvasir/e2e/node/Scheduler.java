package dev.kvasir.e2e.node;

import dev.kvasir.e2e.events.ObjectEvents;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Binds pods that have no node to the one there is, if they fit; where a real scheduler is faster,
 * its word holds.
 */
final class Scheduler {
  private static final System.Logger LOG = System.getLogger(Scheduler.class.getName());

  private final KubernetesClient client;
  private final String nodeName;
  private final ObjectEvents events;

  Scheduler(KubernetesClient client, String nodeName, ObjectEvents events) {
    this.client = client;
    this.nodeName = nodeName;
    this.events = events;
  }

  void schedule(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    try {
      Node node = client.nodes().withName(nodeName).get();
      List<Pod> others = client.pods().inAnyNamespace().list().getItems();
      Optional<String> obstacle = NodeFit.obstacle(pod, node, others);
      if (obstacle.isEmpty()) {
        bind(pod);
      } else {
        unschedulable(pod, "0/1 nodes are available: 1 " + obstacle.get() + ".");
      }
    } catch (KubernetesClientException e) {
      boolean decidedElsewhere = e.getCode() == 409 || e.getCode() == 404;
      LOG.log(
          decidedElsewhere ? System.Logger.Level.DEBUG : System.Logger.Level.WARNING,
          "scheduling " + pod.getMetadata().getName() + ": " + e.getMessage());
    }
  }

  private void bind(Pod pod) {
    var meta = pod.getMetadata();
    var binding =
        new BindingBuilder()
            .withNewMetadata()
            .withName(meta.getName())
            .withNamespace(meta.getNamespace())
            .withUid(meta.getUid())
            .endMetadata()
            .withNewTarget()
            .withApiVersion("v1")
            .withKind("Node")
            .withName(nodeName)
            .endTarget()
            .build();
    var _ = client.raw(path(pod) + "/binding", "POST", binding);
    events.normal(
        pod,
        "Scheduled",
        "Successfully assigned " + meta.getNamespace() + "/" + meta.getName() + " to " + nodeName);
  }

  private void unschedulable(Pod pod, String message) {
    if (pod.getStatus() != null
        && pod.getStatus().getConditions().stream().anyMatch(c -> message.equals(c.getMessage()))) {
      return;
    }
    var condition =
        new PodConditionBuilder()
            .withType("PodScheduled")
            .withStatus("False")
            .withReason("Unschedulable")
            .withMessage(message)
            .withLastTransitionTime(PodStatuses.time(Instant.now()))
            .build();
    var patch =
        Map.of(
            "metadata", Map.of("uid", pod.getMetadata().getUid()),
            "status", Map.of("phase", "Pending", "conditions", List.of(condition)));
    var _ =
        client
            .pods()
            .resource(pod)
            .subresource("status")
            .patch(PatchContext.of(PatchType.JSON_MERGE), Serialization.asJson(patch));
    events.warning(pod, "FailedScheduling", message);
  }

  private static String path(Pod pod) {
    return "/api/v1/namespaces/"
        + pod.getMetadata().getNamespace()
        + "/pods/"
        + pod.getMetadata().getName();
  }
}
