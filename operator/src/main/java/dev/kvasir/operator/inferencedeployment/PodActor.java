package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.plan.PodAction;
import dev.kvasir.operator.inferencedeployment.plan.PodAction.Kind;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jboss.logging.Logger;

/** Does to pods what is planned: labels, deletion costs, and word to the runtime's admin port. */
final class PodActor {
  private static final Logger LOG = Logger.getLogger(PodActor.class);

  /** The pod is gone, or another one of its name is there: nothing is left to do. */
  private static final Set<Integer> GONE = Set.of(404, 409);

  private final KubernetesClient client;
  private final Drains drains;
  private final Clock clock;

  PodActor(KubernetesClient client, Drains drains, Clock clock) {
    this.client = client;
    this.drains = drains;
    this.clock = clock;
  }

  /**
   * Out of the Service first, then told to drain; back the other way round. A pod that does not
   * take the word now gets it again at the next reconciliation.
   */
  void act(PodAction action) {
    Pod pod = action.pod();
    switch (action.kind()) {
      case DRAIN -> {
        mark(action);
        drains.begin(pod);
      }
      case LEAVE -> mark(action);
      case RETURN -> {
        // A container that has started anew knows of no drain, and may never answer.
        if (!new PodState(pod).isStarted() || drains.undo(pod)) {
          patch(pod, "\"true\"", "null", "null");
        }
      }
    }
  }

  private void mark(PodAction action) {
    Pod pod = action.pod();
    String cost = PodAction.cost(action.kind());
    String since = annotation(pod, Names.DRAINING_SINCE);
    if (since == null) {
      since = clock.instant().truncatedTo(ChronoUnit.SECONDS).toString();
    } else if (cost.equals(annotation(pod, Names.DELETION_COST))) {
      return;
    }
    patch(pod, "\"false\"", quoted(since), quoted(cost));
    LOG.infof(
        "%s/%s %s",
        pod.getMetadata().getNamespace(),
        pod.getMetadata().getName(),
        action.kind() == Kind.DRAIN ? "drains" : "may go");
  }

  private void patch(Pod pod, String serving, String since, String cost) {
    ObjectMeta metadata = pod.getMetadata();
    String patch =
        """
        {"metadata": {"uid": "%s", "labels": {"%s": %s}, "annotations": {"%s": %s, "%s": %s}}}
        """
            .formatted(
                metadata.getUid(),
                Names.SERVING,
                serving,
                Names.DRAINING_SINCE,
                since,
                Names.DELETION_COST,
                cost);
    try {
      Pod unused =
          client
              .pods()
              .inNamespace(metadata.getNamespace())
              .withName(metadata.getName())
              .patch(PatchContext.of(PatchType.JSON_MERGE), patch);
      Objects.requireNonNull(unused);
    } catch (KubernetesClientException e) {
      if (!GONE.contains(e.getCode())) {
        throw e;
      }
    }
  }

  private static String quoted(String text) {
    return "\"" + text + "\"";
  }

  private static String annotation(Pod pod, String name) {
    Map<String, String> annotations = pod.getMetadata().getAnnotations();
    return annotations == null ? null : annotations.get(name);
  }
}
