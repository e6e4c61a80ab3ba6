package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.Member;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.IndexerResourceCache;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;

/** All InferenceDeployments and their pods, as the controller's informers know them. */
@ApplicationScoped
public class InformedFleet implements Fleet {
  private volatile Sources sources;

  /** What the controller watches. */
  record Sources(
      IndexerResourceCache<InferenceDeployment> resources,
      InformerEventSource<Deployment, InferenceDeployment> deployments,
      InformerEventSource<Pod, InferenceDeployment> pods,
      SimpleInboundEventSource<InferenceDeployment> wakes) {}

  void watch(Sources watched) {
    sources = watched;
  }

  @Override
  public List<Member> members() {
    Sources now = sources;
    return now == null
        ? List.of()
        : now.resources()
            .list(resource -> !resource.isMarkedForDeletion())
            .map(resource -> member(resource, now))
            .toList();
  }

  private static Member member(InferenceDeployment resource, Sources now) {
    Optional<Deployment> deployment =
        now.deployments().getSecondaryResources(resource).stream().findFirst();
    List<Pod> pods = List.copyOf(now.pods().getSecondaryResources(resource));
    return Member.of(resource, deployment, pods);
  }

  @Override
  public void wake(DeploymentKey key) {
    sources.wakes().propagateEvent(new ResourceID(key.name(), key.namespace()));
  }
}
