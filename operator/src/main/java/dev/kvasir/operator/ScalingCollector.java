package dev.kvasir.operator;

import dev.kvasir.api.v1alpha1.InferenceDeploymentSpec;
import dev.kvasir.api.v1alpha1.ScalingSpec;
import dev.kvasir.operator.scaling.Recommendation;
import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.scaling.ScalingTrack;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.DeploymentView;
import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.Member;
import io.prometheus.client.Collector;
import io.prometheus.client.GaugeMetricFamily;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What the scaler decided last for each deployment, and from what, read at each scrape. */
final class ScalingCollector extends Collector {
  private final FleetTelemetry telemetry;
  private final Fleet fleet;

  ScalingCollector(FleetTelemetry telemetry, Fleet fleet) {
    this.telemetry = telemetry;
    this.fleet = fleet;
  }

  @Override
  public List<MetricFamilySamples> collect() {
    Map<DeploymentKey, DeploymentView> views = telemetry.views();
    Map<DeploymentKey, ScalingDecision> latest = latest(views);
    return List.of(
        bound("min_replicas", "Never fewer pods than this.", ScalingSpec::minReplicas),
        bound("max_replicas", "Never more pods than this.", ScalingSpec::maxReplicas),
        recommended(latest),
        decision(latest),
        input(
            latest,
            "waiting_prompt_tokens",
            "Prompt tokens that wait or are held, as the scaler counts them.",
            Recommendation.Inputs::waitingPromptTokens),
        input(
            latest,
            "kv_tokens",
            "Tokens in the KV caches of all pods.",
            Recommendation.Inputs::kvTokens),
        input(
            latest,
            "capacity_kv_tokens",
            "Tokens that one pod's KV cache holds.",
            inputs -> inputs.capacity().kvTokens()),
        capacity(views));
  }

  private static Map<DeploymentKey, ScalingDecision> latest(
      Map<DeploymentKey, DeploymentView> views) {
    Map<DeploymentKey, ScalingDecision> latest = new HashMap<>();
    views.forEach((key, view) ->
        view.scaling()
            .flatMap(ScalingTrack::latest)
            .ifPresent(decision -> latest.put(key, decision)));
    return latest;
  }

  private MetricFamilySamples bound(String name, String help, ToDoubleFunction<ScalingSpec> value) {
    GaugeMetricFamily family = family(name, help);
    for (Member member : fleet.members()) {
      Optional.ofNullable(member.resource().getSpec())
          .map(InferenceDeploymentSpec::scaling)
          .ifPresent(
              scaling -> family.addMetric(labels(member.key()), value.applyAsDouble(scaling)));
    }
    return family;
  }

  private static MetricFamilySamples recommended(Map<DeploymentKey, ScalingDecision> latest) {
    GaugeMetricFamily family =
        family(
            "recommended_replicas",
            "Pods that a signal asks for, before bounds and waiting.",
            "signal");
    latest.forEach((key, decision) ->
        decision
            .recommendation()
            .asked()
            .forEach(
                (signal, replicas) -> family.addMetric(labels(key, lowerCase(signal)), replicas)));
    return family;
  }

  private static MetricFamilySamples decision(Map<DeploymentKey, ScalingDecision> latest) {
    GaugeMetricFamily family =
        family(
            "scaling_decision",
            "1 for the outcome and the deciding signal of the last look.",
            "outcome",
            "signal");
    latest.forEach((key, decision) ->
        family.addMetric(
            labels(
                key,
                lowerCase(decision.outcome()),
                lowerCase(decision.recommendation().deciding())),
            1));
    return family;
  }

  private static MetricFamilySamples input(
      Map<DeploymentKey, ScalingDecision> latest,
      String name,
      String help,
      ToDoubleFunction<Recommendation.Inputs> value) {
    GaugeMetricFamily family = family(name, help);
    latest.forEach((key, decision) ->
        family.addMetric(labels(key), value.applyAsDouble(decision.recommendation().inputs())));
    return family;
  }

  private static MetricFamilySamples capacity(Map<DeploymentKey, DeploymentView> views) {
    GaugeMetricFamily family =
        family(
            "capacity_tokens_per_second", "What one pod can do, as the scaler takes it.", "kind");
    views.forEach((key, view) -> {
      family.addMetric(labels(key, "prompt"), view.capacity().promptTokensPerSecond());
      family.addMetric(labels(key, "output"), view.capacity().outputTokensPerSecond());
    });
    return family;
  }

  private static GaugeMetricFamily family(String name, String help, String... more) {
    return new GaugeMetricFamily(
        "kvasir_operator_" + name, help, with(more, "namespace", "deployment"));
  }

  private static List<String> labels(DeploymentKey key, String... more) {
    return with(more, key.namespace(), key.name());
  }

  private static List<String> with(String[] more, String... first) {
    return Stream.of(first, more).flatMap(Arrays::stream).toList();
  }

  private static String lowerCase(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT);
  }
}
