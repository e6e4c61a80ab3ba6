package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.apps.ControllerRevision;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.networking.v1.NetworkPolicy;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.javaoperatorsdk.operator.api.config.informer.InformerEventSourceConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.processing.event.ResourceID;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.event.source.SecondaryToPrimaryMapper;
import io.javaoperatorsdk.operator.processing.event.source.inbound.SimpleInboundEventSource;
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** The first step: looks at the informers' caches, and never acts. */
final class Observer {
  private static final List<Class<? extends HasMetadata>> MADE =
      List.of(
          Deployment.class,
          Service.class,
          PodDisruptionBudget.class,
          NetworkPolicy.class,
          ControllerRevision.class);

  private static final String SELECTOR = Names.MANAGED_BY + "=" + Names.FIELD_MANAGER;

  private final InformedFleet fleet;
  private final FleetTelemetry telemetry;
  private final Drains drains;
  private final Deaths deaths;
  private final Rivals rivals;

  Observer(
      InformedFleet fleet, FleetTelemetry telemetry, Drains drains, Deaths deaths, Rivals rivals) {
    this.fleet = fleet;
    this.telemetry = telemetry;
    this.drains = drains;
    this.deaths = deaths;
    this.rivals = rivals;
  }

  List<EventSource<?, InferenceDeployment>> eventSources(
      EventSourceContext<InferenceDeployment> context) {
    List<EventSource<?, InferenceDeployment>> sources = new ArrayList<>();
    var deployments = eventSource(configuration(Deployment.class).build(), context);
    var pods = eventSource(podConfiguration(), context);
    var wakes = new SimpleInboundEventSource<InferenceDeployment>("telemetry");
    sources.addAll(List.of(deployments, pods, wakes));
    MADE.stream()
        .filter(type -> type != Deployment.class)
        .forEach(type -> sources.add(eventSource(configuration(type).build(), context)));
    fleet.watch(new InformedFleet.Sources(context.getPrimaryCache(), deployments, pods, wakes));
    return sources;
  }

  /** The filters let everything through: they are where a pod's last state can be seen. */
  private InformerEventSourceConfiguration<Pod> podConfiguration() {
    return configuration(Pod.class)
        .withOnAddFilter(pod -> {
          deaths.found(pod);
          return true;
        })
        .withOnUpdateFilter((pod, before) -> {
          deaths.changed(pod);
          return true;
        })
        .withOnDeleteFilter((pod, unknown) -> {
          deaths.gone(pod);
          drains.forget(pod);
          return true;
        })
        .build();
  }

  private static <T extends HasMetadata> InformerEventSource<T, InferenceDeployment> eventSource(
      InformerEventSourceConfiguration<T> configuration,
      EventSourceContext<InferenceDeployment> context) {
    return new InformerEventSource<>(configuration, context);
  }

  private static <T extends HasMetadata> InformerEventSourceConfiguration.Builder<T> configuration(
      Class<T> type) {
    SecondaryToPrimaryMapper<T> toOwner = Observer::owner;
    return InformerEventSourceConfiguration.from(type, InferenceDeployment.class)
        .withLabelSelector(SELECTOR)
        .withNamespacesInheritedFromController()
        .withSecondaryToPrimaryMapper(toOwner);
  }

  /** By the label and not by the owner: a pod's owner is a ReplicaSet. */
  private static Set<ResourceID> owner(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    String instance = labels == null ? null : labels.get(Names.INSTANCE);
    return instance == null
        ? Set.of()
        : Set.of(new ResourceID(instance, object.getMetadata().getNamespace()));
  }

  ObservedState observe(InferenceDeployment resource, Context<InferenceDeployment> context) {
    List<HasMetadata> owned =
        MADE.stream()
            .<HasMetadata>flatMap(type -> objects(type, context))
            .filter(object -> isOwned(object, resource))
            .toList();
    ObservedState objects =
        new ObservedState(resource, owned, objects(Pod.class, context).toList(), Live.nothing());
    return objects.with(live(resource, objects.deployment()));
  }

  private Live live(InferenceDeployment resource, Optional<Deployment> deployment) {
    DeploymentKey key = DeploymentKey.of(resource);
    return new Live(
        telemetry.view(key), drains.drained(), deaths.of(key), rivals.of(key, deployment));
  }

  private static <T extends HasMetadata> Stream<T> objects(
      Class<T> type, Context<InferenceDeployment> context) {
    return context.getSecondaryResources(type).stream();
  }

  private static boolean isOwned(HasMetadata object, InferenceDeployment resource) {
    return object.getMetadata().getOwnerReferences().stream()
        .anyMatch(reference -> reference.getUid().equals(resource.getMetadata().getUid()));
  }
}
