package dev.kvasir.operator;

import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.Histogram;
import io.prometheus.client.hotspot.DefaultExports;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Supplier;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** What the operator counts of itself. */
@ApplicationScoped
public class OperatorMetrics {
  private final CollectorRegistry registry = new CollectorRegistry();

  private final Counter reconciles =
      Counter.build("kvasir_operator_reconciles_total", "Reconciliations, by how they ended.")
          .labelNames("result")
          .register(registry);

  private final Counter applyFailures =
      Counter.build(
              "kvasir_operator_apply_failures_total", "Objects that the API server did not take.")
          .register(registry);

  private final Histogram duration =
      Histogram.build(
              "kvasir_operator_reconcile_duration_seconds", "How long a reconciliation took.")
          .buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
          .register(registry);

  OperatorMetrics(@ConfigProperty(name = "quarkus.application.version") String version) {
    Gauge.build("kvasir_build_info", "1, with the program's version as a label.")
        .labelNames("component", "version")
        .register(registry)
        .labels("operator", version)
        .set(1);
    reconciles.labels("success");
    reconciles.labels("error");
    DefaultExports.register(registry);
  }

  public CollectorRegistry registry() {
    return registry;
  }

  public void countApplyFailure() {
    applyFailures.inc();
  }

  /** Runs a reconciliation, counted and timed. */
  public <T> T measured(Supplier<T> reconciliation) {
    String result = "error";
    Histogram.Timer timer = duration.startTimer();
    try {
      T value = reconciliation.get();
      result = "success";
      return value;
    } finally {
      timer.observeDuration();
      reconciles.labels(result).inc();
    }
  }
}
