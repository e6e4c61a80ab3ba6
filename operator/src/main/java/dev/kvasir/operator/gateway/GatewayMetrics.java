package dev.kvasir.operator.gateway;

import dev.kvasir.operator.telemetry.DeploymentKey;
import io.prometheus.client.Collector;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.GaugeMetricFamily;
import io.prometheus.client.Histogram;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/** What a gateway counts. */
final class GatewayMetrics {
  static final String STALLED = "stalled";
  private static final String[] DEPLOYMENT = {"namespace", "deployment"};

  private static final List<String> RETRIED =
      List.of(Attempt.Failure.NO_ANSWER.reason(), "status_503", "status_429");
  private static final List<String> FAILED =
      Stream.concat(
              Arrays.stream(Attempt.Failure.values()).map(Attempt.Failure::reason),
              Stream.of(STALLED))
          .toList();

  private final CollectorRegistry registry = new CollectorRegistry();

  private final Counter requests =
      Counter.build(
              "kvasir_gateway_requests_total",
              "Requests that have ended, by status; 499 where the client left.")
          .labelNames("namespace", "deployment", "model", "code")
          .register(registry);

  private final Counter retries =
      Counter.build("kvasir_gateway_retries_total", "Requests given to another replica.")
          .labelNames("namespace", "deployment", "reason")
          .register(registry);

  private final Counter upstreamErrors =
      Counter.build(
              "kvasir_gateway_upstream_errors_total",
              "Replicas that could not be reached, gave no answer, or ended within one.")
          .labelNames("namespace", "deployment", "reason")
          .register(registry);

  private final Histogram hold =
      Histogram.build("kvasir_gateway_hold_seconds", "How long requests waited for a replica.")
          .labelNames(DEPLOYMENT)
          .buckets(0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300, 600)
          .register(registry);

  private final Histogram firstByte =
      Histogram.build(
              "kvasir_gateway_time_to_first_byte_seconds",
              "From a request's arrival to the first byte of its answer, time held included.")
          .labelNames(DEPLOYMENT)
          .buckets(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 40, 80, 160)
          .register(registry);

  private final Gateway gateway;

  GatewayMetrics(Gateway gateway, String version) {
    this.gateway = gateway;
    Gauge.build("kvasir_build_info", "1, with the program's version as a label.")
        .labelNames("component", "version")
        .register(registry)
        .labels("gateway", version)
        .set(1);
    new Live(gateway).register(registry);
    DefaultExports.register(registry);
  }

  void ended(Optional<Served> served, int code) {
    served.ifPresentOrElse(
        s ->
            requests
                .labels(s.key().namespace(), s.key().name(), s.model(), Integer.toString(code))
                .inc(),
        () -> refused(code));
  }

  /** Before it was clear whom it was for. */
  void refused(int code) {
    requests.labels("", "", "", Integer.toString(code)).inc();
  }

  void retried(DeploymentKey key, String reason) {
    retries.labels(key.namespace(), key.name(), reason).inc();
  }

  void upstreamError(DeploymentKey key, String reason) {
    upstreamErrors.labels(key.namespace(), key.name(), reason).inc();
  }

  void held(DeploymentKey key, double seconds) {
    hold.labels(key.namespace(), key.name()).observe(seconds);
  }

  void firstByte(DeploymentKey key, double seconds) {
    firstByte.labels(key.namespace(), key.name()).observe(seconds);
  }

  /** A counter that begins at 1 shows no rise, so each begins at 0 once its deployment is known. */
  private void beginAtZero(DeploymentKey key) {
    RETRIED.forEach(reason -> retries.labels(key.namespace(), key.name(), reason));
    FAILED.forEach(reason -> upstreamErrors.labels(key.namespace(), key.name(), reason));
    hold.labels(key.namespace(), key.name());
    firstByte.labels(key.namespace(), key.name());
  }

  String text(String format) {
    gateway.pools().forEach(entry -> beginAtZero(entry.getKey()));
    StringWriter text = new StringWriter();
    try {
      TextFormat.writeFormat(format, text, registry.metricFamilySamples());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  /** What is so at the moment of asking. */
  private static final class Live extends Collector {
    private final Gateway gateway;

    Live(Gateway gateway) {
      this.gateway = gateway;
    }

    @Override
    public List<MetricFamilySamples> collect() {
      return List.of(
          perPool("kvasir_held_requests", "Requests that wait for a replica.", pool -> pool.held()),
          perPool(
              "kvasir_held_prompt_tokens",
              "An estimate of the prompt tokens of held requests.",
              pool -> pool.heldPromptTokens()),
          perPool(
              "kvasir_gateway_requests_in_flight",
              "Requests that replicas work on.",
              pool -> pool.inFlight()),
          new GaugeMetricFamily(
              "kvasir_gateway_requests", "Requests under way.", gateway.requests()),
          new GaugeMetricFamily(
              "kvasir_gateway_connections", "Open connections of clients.", gateway.connections()),
          new GaugeMetricFamily(
              "kvasir_draining",
              "1 while this process takes leave.",
              gateway.drain().isDraining() ? 1 : 0));
    }

    private MetricFamilySamples perPool(String name, String help, ToDoubleFunction<Pool> value) {
      GaugeMetricFamily family = new GaugeMetricFamily(name, help, List.of(DEPLOYMENT));
      gateway
          .pools()
          .forEach(entry ->
              family.addMetric(
                  List.of(entry.getKey().namespace(), entry.getKey().name()),
                  value.applyAsDouble(entry.getValue())));
      return family;
    }
  }
}
