package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.status.PodState;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.util.List;
import java.util.Optional;

/**
 * What the informers know about an InferenceDeployment.
 *
 * @param live beside the objects, what is known of the pods
 * @param owned every object that the operator made for it, pods not counted
 */
public record ObservedState(
    InferenceDeployment resource, List<HasMetadata> owned, List<Pod> pods, Live live) {

  public ObservedState {
    owned = List.copyOf(owned);
    pods = List.copyOf(pods);
  }

  public Optional<Deployment> deployment() {
    return owned(Deployment.class).stream()
        .filter(each -> each.getMetadata().getName().equals(resource.getMetadata().getName()))
        .findFirst();
  }

  /** The same with a newer state of the resource itself. */
  ObservedState with(InferenceDeployment newer) {
    return new ObservedState(newer, owned, pods, live);
  }

  ObservedState with(Live known) {
    return new ObservedState(resource, owned, pods, known);
  }

  /** Pods that are there and were not deleted. */
  public List<PodState> livePods() {
    return pods.stream().map(PodState::new).filter(PodState::isLive).toList();
  }

  List<ControllerRevision> revisions() {
    return owned(ControllerRevision.class);
  }

  private <T extends HasMetadata> List<T> owned(Class<T> type) {
    return owned.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
