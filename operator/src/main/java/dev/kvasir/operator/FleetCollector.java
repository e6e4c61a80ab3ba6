package dev.kvasir.operator;

import dev.kvasir.api.v1alpha1.InferenceDeploymentStatus;
import dev.kvasir.api.v1alpha1.Phase;
import dev.kvasir.api.v1alpha1.StreamsStatus;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.DeploymentView;
import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.Member;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** What the operator knows of each deployment, read at each scrape. */
final class FleetCollector extends Collector {
  private static final List<String> NAMES = List.of("namespace", "deployment");

  private final FleetTelemetry telemetry;
  private final Fleet fleet;
  private final Clock clock;

  FleetCollector(FleetTelemetry telemetry, Fleet fleet, Clock clock) {
    this.telemetry = telemetry;
    this.fleet = fleet;
    this.clock = clock;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Map<DeploymentKey, DeploymentView> views = telemetry.views();
    List<MetricFamilySamples> all = new ArrayList<>();
    all.add(
        gauge(
            views,
            "asked_replicas",
            "Pods that the Deployment asks for.",
            view -> view.pods().wanted()));
    all.add(gauge(views, "serving_replicas", "Pods that serve.", view -> view.pods().serving()));
    all.add(
        gauge(
            views,
            "starting_pods",
            "Pods that have a node, or wait for one not long yet, and don't serve.",
            view -> view.pods().starting()));
    all.add(
        gauge(
            views,
            "draining_pods",
            "Pods that finish their requests and go.",
            view -> view.pods().draining()));
    all.add(
        gauge(
            views,
            "unreadable_pods",
            "Pods that should say of their load and can't be read.",
            view -> view.pods().unreadable()));
    all.add(
        gauge(
            views,
            "unschedulable_pods",
            "Pods that no node takes.",
            view -> view.pods().unschedulable()));
    all.add(
        gauge(
            views,
            "telemetry_age_seconds",
            "Age of the oldest reading of a serving pod.",
            this::age));
    all.add(
        gauge(
            views,
            "output_tokens_per_second",
            "Of all pods.",
            view -> view.figures().outputTokensPerSecond()));
    all.add(
        gauge(
            views,
            "prompt_tokens_per_second",
            "Of all pods, prefix hits not counted.",
            view -> view.figures().promptTokensPerSecond()));
    all.add(
        gauge(
            views,
            "kv_occupancy",
            "Part of all KV caches in use, 1 is all.",
            view -> view.figures().kvUsage()));
    all.add(
        gauge(
            views, "running_requests", "In the pods' batches.", view -> view.figures().running()));
    all.add(
        gauge(
            views,
            "waiting_requests",
            "In the pods' queues, or held for a pod.",
            view -> view.figures().waiting()));
    all.add(desired());
    all.add(phases());
    all.add(dropped());
    return all;
  }

  private static MetricFamilySamples gauge(
      Map<DeploymentKey, DeploymentView> views,
      String name,
      String help,
      ToDoubleFunction<DeploymentView> value) {
    GaugeMetricFamily family = new GaugeMetricFamily("kvasir_operator_" + name, help, NAMES);
    views.forEach((key, view) -> family.addMetric(labels(key), value.applyAsDouble(view)));
    return family;
  }

  private double age(DeploymentView view) {
    return Math.max(0, Duration.between(view.lastRead(), clock.instant()).toMillis() / 1000.0);
  }

  private MetricFamilySamples desired() {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "kvasir_operator_desired_replicas",
            "Pods that are wanted, by spec.replicas or by the scaler.",
            NAMES);
    for (Member member : fleet.members()) {
      status(member)
          .map(InferenceDeploymentStatus::desiredReplicas)
          .ifPresent(wanted -> family.addMetric(labels(member.key()), wanted));
    }
    return family;
  }

  private MetricFamilySamples phases() {
    GaugeMetricFamily family =
        new GaugeMetricFamily(
            "kvasir_operator_phase",
            "1 for the phase that the deployment is in, 0 for the others.",
            List.of("namespace", "deployment", "phase"));
    for (Member member : fleet.members()) {
      status(member)
          .map(InferenceDeploymentStatus::phase)
          .ifPresent(current -> addPhases(family, member.key(), current));
    }
    return family;
  }

  private static void addPhases(GaugeMetricFamily family, DeploymentKey key, Phase current) {
    for (Phase phase : Phase.values()) {
      family.addMetric(
          List.of(key.namespace(), key.name(), phase.toString()), phase == current ? 1 : 0);
    }
  }

  private MetricFamilySamples dropped() {
    CounterMetricFamily family =
        new CounterMetricFamily(
            "kvasir_operator_dropped_streams", "Streams of clients that were cut.", NAMES);
    for (Member member : fleet.members()) {
      family.addMetric(
          labels(member.key()),
          status(member)
              .map(InferenceDeploymentStatus::streams)
              .map(StreamsStatus::dropped)
              .orElse(0L));
    }
    return family;
  }

  private static Optional<InferenceDeploymentStatus> status(Member member) {
    return Optional.ofNullable(member.resource().getStatus());
  }

  private static List<String> labels(DeploymentKey key) {
    return List.of(key.namespace(), key.name());
  }
}
