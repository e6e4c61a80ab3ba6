package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.operator.inferencedeployment.plan.DesiredState;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.plan.PodAction;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import java.util.Set;
import org.jboss.logging.Logger;

/**
 * The last step and the only writer of objects: server-side apply of what is wanted, and a sweep of
 * what no longer is.
 */
final class Applier {
  private static final Logger LOG = Logger.getLogger(Applier.class);

  /** The server's answers to an object whose content is wrong. */
  private static final Set<Integer> REFUSED_CONTENT = Set.of(400, 422);

  private final KubernetesClient client;
  private final PodActor pods;

  Applier(KubernetesClient client, PodActor pods) {
    this.client = client;
    this.pods = pods;
  }

  /** Stops at the first object that the server does not take. */
  Optional<ApplyFailure> apply(DesiredState desired, ObservedState observed) {
    for (PodAction action : desired.podActions()) {
      try {
        pods.act(action);
      } catch (KubernetesClientException e) {
        return Optional.of(failure(action.pod(), e));
      }
    }
    for (HasMetadata object : desired.objects()) {
      try {
        Optional<ApplyFailure> refusal = applyOne(object, observed);
        if (refusal.isPresent()) {
          return refusal;
        }
      } catch (KubernetesClientException e) {
        return Optional.of(failure(object, e));
      }
    }
    if (desired.workload().isPresent()) {
      sweep(desired, observed);
    }
    return Optional.empty();
  }

  private Optional<ApplyFailure> applyOne(HasMetadata object, ObservedState observed) {
    HasMetadata wanted = Drift.marked(object);
    Optional<HasMetadata> actual =
        observed.owned().stream().filter(each -> isSame(each, wanted)).findFirst();
    if (Drift.isThere(wanted, actual)) {
      return Optional.empty();
    }
    if (actual.isEmpty() && belongsToAnother(wanted)) {
      return Optional.of(
          new ApplyFailure(
              false,
              describe(wanted)
                  + " is there already and does not belong to this InferenceDeployment: delete it,"
                  + " or choose another name"));
    }
    client.resource(wanted).fieldManager(Names.FIELD_MANAGER).forceConflicts().serverSideApply();
    LOG.infof("applied %s", describe(wanted));
    return Optional.empty();
  }

  /** The informers see only what the operator made: a forced apply must not take over the rest. */
  private boolean belongsToAnother(HasMetadata wanted) {
    HasMetadata there = client.resource(wanted).get();
    String owner = wanted.getMetadata().getOwnerReferences().getFirst().getUid();
    return there != null
        && there.getMetadata().getOwnerReferences().stream()
            .noneMatch(reference -> reference.getUid().equals(owner));
  }

  private void sweep(DesiredState desired, ObservedState observed) {
    for (HasMetadata object : observed.owned()) {
      if (desired.objects().stream().noneMatch(wanted -> isSame(wanted, object))) {
        client.resource(object).delete();
        LOG.infof("removed %s, which is no longer wanted", describe(object));
      }
    }
  }

  private static boolean isSame(HasMetadata one, HasMetadata other) {
    return one.getKind().equals(other.getKind())
        && one.getMetadata().getName().equals(other.getMetadata().getName());
  }

  private static ApplyFailure failure(HasMetadata object, KubernetesClientException e) {
    String said =
        e.getStatus() == null || e.getStatus().getMessage() == null
            ? e.getMessage()
            : e.getStatus().getMessage();
    return new ApplyFailure(
        REFUSED_CONTENT.contains(e.getCode()), "%s: %s".formatted(describe(object), said));
  }

  private static String describe(HasMetadata object) {
    return "%s %s/%s"
        .formatted(
            object.getKind(), object.getMetadata().getNamespace(), object.getMetadata().getName());
  }
}
