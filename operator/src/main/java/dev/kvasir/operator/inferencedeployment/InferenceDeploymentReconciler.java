package dev.kvasir.operator.inferencedeployment;

import dev.kvasir.api.v1alpha1.InferenceDeployment;
import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.operator.OperatorConfig;
import dev.kvasir.operator.OperatorMetrics;
import dev.kvasir.operator.inferencedeployment.plan.Decision;
import dev.kvasir.operator.inferencedeployment.plan.DesiredState;
import dev.kvasir.operator.inferencedeployment.plan.Names;
import dev.kvasir.operator.inferencedeployment.plan.Owner;
import dev.kvasir.operator.inferencedeployment.plan.Planner;
import dev.kvasir.operator.inferencedeployment.plan.Platform;
import dev.kvasir.operator.inferencedeployment.plan.RevisionHistory;
import dev.kvasir.operator.inferencedeployment.status.StatusBuilder;
import dev.kvasir.operator.inferencedeployment.status.StatusNews;
import dev.kvasir.operator.kube.EventPace;
import dev.kvasir.operator.kube.Events;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import io.fabric8.kubernetes.api.model.ObjectMetaBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.javaoperatorsdk.operator.api.reconciler.Context;
import io.javaoperatorsdk.operator.api.reconciler.ControllerConfiguration;
import io.javaoperatorsdk.operator.api.reconciler.EventSourceContext;
import io.javaoperatorsdk.operator.api.reconciler.Reconciler;
import io.javaoperatorsdk.operator.api.reconciler.UpdateControl;
import io.javaoperatorsdk.operator.processing.event.source.EventSource;
import io.javaoperatorsdk.operator.processing.retry.GradualRetry;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Makes what an InferenceDeployment asks for so: observe, resolve, plan, status, apply. */
@ApplicationScoped
@ControllerConfiguration(
    name = InferenceDeploymentReconciler.NAME,
    fieldManager = Names.FIELD_MANAGER)
@GradualRetry(
    maxAttempts = InferenceDeploymentReconciler.WITHOUT_END,
    initialInterval = 1000,
    intervalMultiplier = 2,
    maxInterval = 60_000)
public class InferenceDeploymentReconciler implements Reconciler<InferenceDeployment> {
  public static final String NAME = "inferencedeployment";

  /** The SDK's sign for no limit; the delay between attempts has one. */
  static final int WITHOUT_END = -1;

  private static final Logger LOG = Logger.getLogger(InferenceDeploymentReconciler.class);

  /** Secrets are read and not watched: watching would hand the operator every Secret's content. */
  private static final Duration LOOK_FOR_MISSING_EVERY = Duration.ofSeconds(5);

  /** How far pods are that drain is asked for. */
  private static final Duration LOOK_AT_DRAINS_EVERY = Duration.ofSeconds(2);

  /** A rollout waits only so long for a node. */
  private static final Duration LOOK_AT_WAITING_PODS_EVERY = Duration.ofSeconds(15);

  private final Observer observer;
  private final Deaths deaths;
  private final Drains drains = new Drains();
  private final Resolver resolver;
  private final Applier applier;
  private final Platform platform;
  private final Events events;
  private final EventPace pace = new EventPace();
  private final OperatorMetrics metrics;
  private final Clock clock;

  InferenceDeploymentReconciler(
      KubernetesClient client,
      OperatorConfig config,
      Events events,
      OperatorMetrics metrics,
      InformedFleet fleet,
      FleetTelemetry telemetry) {
    this.clock = Clock.systemUTC();
    this.deaths = new Deaths(telemetry::work, clock);
    this.observer = new Observer(fleet, telemetry, drains, deaths, new Rivals(clock));
    this.resolver =
        new Resolver((namespace, name) ->
            Optional.ofNullable(client.secrets().inNamespace(namespace).withName(name).get()));
    this.applier = new Applier(client, new PodActor(client, drains, clock));
    this.platform = new Platform(config.runtime().image(), config.operatorNamespace());
    this.events = events;
    this.metrics = metrics;
  }

  @Override
  public List<EventSource<?, InferenceDeployment>> prepareEventSources(
      EventSourceContext<InferenceDeployment> context) {
    return observer.eventSources(context);
  }

  @Override
  public UpdateControl<InferenceDeployment> reconcile(
      InferenceDeployment resource, Context<InferenceDeployment> context) {
    if (resource.isMarkedForDeletion()) {
      return UpdateControl.noUpdate();
    }
    return metrics.measured(() -> reconcileLive(resource, context));
  }

  private UpdateControl<InferenceDeployment> reconcileLive(
      InferenceDeployment resource, Context<InferenceDeployment> context) {
    ObservedState observed = observer.observe(resource, context);
    Resolution resolution = resolver.resolve(observed);
    DesiredState desired = plan(observed, resolution);
    Optional<ApplyFailure> before = lastFailure(resource);
    ObservedState told = publish(observed, resolution, desired, before, context);
    Optional<ApplyFailure> failure = applier.apply(desired, observed);
    if (!failure.equals(before)) {
      publish(told, resolution, desired, failure, context);
    }
    return conclude(observed, resolution, desired, failure);
  }

  private DesiredState plan(ObservedState observed, Resolution resolution) {
    return Planner.plan(
        new Planner.Input(
            Owner.of(observed.resource()),
            Optional.ofNullable(observed.resource().getSpec())
                .filter(spec -> resolution.isComplete()),
            RevisionHistory.read(observed.revisions()),
            observed.deployment(),
            PodsSeen.wanted(observed),
            PodsSeen.pods(observed, clock.instant()),
            platform));
  }

  /** Writes the status where it says something new, and tells the news as Events. */
  private ObservedState publish(
      ObservedState observed,
      Resolution resolution,
      DesiredState desired,
      Optional<ApplyFailure> failure,
      Context<InferenceDeployment> context) {
    InferenceDeployment resource = observed.resource();
    InferenceDeploymentStatus status =
        StatusBuilder.build(observed, resolution, desired, failure, clock.instant());
    if (status.equals(resource.getStatus())) {
      deaths.counted(DeploymentKey.of(resource), observed.live().deaths());
      return observed;
    }
    context.resourceOperations().serverSideApplyPrimaryStatus(withStatus(bare(resource), status));
    deaths.counted(DeploymentKey.of(resource), observed.live().deaths());
    tell(resource, StatusNews.between(resource.getStatus(), status));
    return observed.with(withStatus(copy(resource), status)).with(observed.live().withoutDeaths());
  }

  private UpdateControl<InferenceDeployment> conclude(
      ObservedState observed,
      Resolution resolution,
      DesiredState desired,
      Optional<ApplyFailure> failure) {
    failure.ifPresent(refusal -> {
      metrics.countApplyFailure();
      throw new ApplyRetryException(refusal.message());
    });
    tell(observed.resource(), desired.decisions());
    UpdateControl<InferenceDeployment> done = UpdateControl.noUpdate();
    return lookAgainAfter(observed, resolution, desired).map(done::rescheduleAfter).orElse(done);
  }

  /** Where something may change of which no event tells. */
  private static Optional<Duration> lookAgainAfter(
      ObservedState observed, Resolution resolution, DesiredState desired) {
    if (!desired.podActions().isEmpty()) {
      return Optional.of(LOOK_AT_DRAINS_EVERY);
    }
    if (!resolution.missing().isEmpty()) {
      return Optional.of(LOOK_FOR_MISSING_EVERY);
    }
    return observed.livePods().stream().anyMatch(pod -> pod.withoutRoomSince().isPresent())
        ? Optional.of(LOOK_AT_WAITING_PODS_EVERY)
        : Optional.empty();
  }

  private void tell(InferenceDeployment resource, List<Decision> decisions) {
    for (Decision decision : decisions) {
      LOG.infof(
          "%s/%s: %s: %s",
          resource.getMetadata().getNamespace(),
          resource.getMetadata().getName(),
          decision.reason().text(),
          decision.sentence());
      if (pace.allows(resource.getMetadata().getUid(), decision.reason(), clock.instant())) {
        events.publish(resource, decision.reason(), decision.sentence());
      }
    }
  }

  private static Optional<ApplyFailure> lastFailure(InferenceDeployment resource) {
    return StatusNews.failure(resource.getStatus(), resource.getMetadata().getGeneration());
  }

  /** Only what a server-side apply of the status may name. */
  private static InferenceDeployment bare(InferenceDeployment resource) {
    InferenceDeployment bare = new InferenceDeployment();
    bare.setMetadata(
        new ObjectMetaBuilder()
            .withNamespace(resource.getMetadata().getNamespace())
            .withName(resource.getMetadata().getName())
            .build());
    return bare;
  }

  /** Caches hand out what they hold; it must not be changed. */
  private static InferenceDeployment copy(InferenceDeployment resource) {
    InferenceDeployment copy = new InferenceDeployment();
    copy.setMetadata(resource.getMetadata());
    copy.setSpec(resource.getSpec());
    return copy;
  }

  private static InferenceDeployment withStatus(
      InferenceDeployment resource, InferenceDeploymentStatus status) {
    resource.setStatus(status);
    return resource;
  }
}
