package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.operator.inferencedeployment.plan.Names;
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
import io.javaoperatorsdk.operator.processing.event.source.informer.InformerEventSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

  private Observer() {}

  static List<EventSource<?, InferenceDeployment>> eventSources(
      EventSourceContext<InferenceDeployment> context) {
    List<EventSource<?, InferenceDeployment>> sources = new ArrayList<>();
    MADE.forEach(type -> sources.add(eventSource(type, context)));
    sources.add(eventSource(Pod.class, context));
    return sources;
  }

  private static <T extends HasMetadata> InformerEventSource<T, InferenceDeployment> eventSource(
      Class<T> type, EventSourceContext<InferenceDeployment> context) {
    SecondaryToPrimaryMapper<T> toOwner = Observer::owner;
    return new InformerEventSource<>(
        InformerEventSourceConfiguration.from(type, InferenceDeployment.class)
            .withLabelSelector(SELECTOR)
            .withNamespacesInheritedFromController()
            .withSecondaryToPrimaryMapper(toOwner)
            .build(),
        context);
  }

  /** By the label and not by the owner: a pod's owner is a ReplicaSet. */
  private static Set<ResourceID> owner(HasMetadata object) {
    Map<String, String> labels = object.getMetadata().getLabels();
    String instance = labels == null ? null : labels.get(Names.INSTANCE);
    return instance == null
        ? Set.of()
        : Set.of(new ResourceID(instance, object.getMetadata().getNamespace()));
  }

  static ObservedState observe(InferenceDeployment resource, Context<InferenceDeployment> context) {
    List<HasMetadata> owned =
        MADE.stream()
            .<HasMetadata>flatMap(type -> objects(type, context))
            .filter(object -> isOwned(object, resource))
            .toList();
    return new ObservedState(resource, owned, objects(Pod.class, context).toList());
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
