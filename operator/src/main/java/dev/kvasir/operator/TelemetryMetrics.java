package dev.kvasir.operator;

import dev.kvasir.operator.scaling.ScalingDecision;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.TelemetryObserver;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Histogram;

/** What the operator counts of its telemetry. */
final class TelemetryMetrics implements TelemetryObserver {
  private static final double NANOS = 1e9;

  private final Histogram pages;
  private final Histogram rounds;
  private final Counter scrapes;
  private final Counter decisions;

  TelemetryMetrics(CollectorRegistry registry) {
    pages =
        Histogram.build(
                "kvasir_operator_scrape_duration_seconds", "How long a page took that was read.")
            .buckets(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1)
            .register(registry);
    rounds =
        Histogram.build(
                "kvasir_operator_telemetry_round_duration_seconds",
                "How long a round over all pods took.")
            .buckets(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 4)
            .register(registry);
    scrapes =
        Counter.build("kvasir_operator_scrapes_total", "Pages asked for, by how it ended.")
            .labelNames("target", "result")
            .register(registry);
    scrapes.labels("pod", "success");
    scrapes.labels("pod", "failure");
    decisions =
        Counter.build(
                "kvasir_operator_scaling_decisions_total",
                "Recorded decisions of the scaler, by outcome and deciding signal.")
            .labelNames("namespace", "deployment", "outcome", "signal")
            .register(registry);
  }

  @Override
  public void pageRead(long nanos) {
    pages.observe(nanos / NANOS);
  }

  @Override
  public void pageEnded(boolean read) {
    scrapes.labels("pod", read ? "success" : "failure").inc();
  }

  @Override
  public void holderEnded(boolean read) {
    scrapes.labels("holder", read ? "success" : "failure").inc();
  }

  @Override
  public void roundEnded(long nanos) {
    rounds.observe(nanos / NANOS);
  }

  @Override
  public void decided(DeploymentKey key, ScalingDecision decision) {
    decisions
        .labels(
            key.namespace(),
            key.name(),
            decision.outcome().name().toLowerCase(java.util.Locale.ROOT),
            decision.recommendation().deciding().name().toLowerCase(java.util.Locale.ROOT))
        .inc();
  }
}
