package dev.kvasir.runtime.metrics;

import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.http.Admission;
import dev.kvasir.runtime.http.ServerObserver;
import io.prometheus.client.Collector.MetricFamilySamples;
import io.prometheus.client.CollectorRegistry;
import io.prometheus.client.Counter;
import io.prometheus.client.Gauge;
import io.prometheus.client.exporter.common.TextFormat;
import io.prometheus.client.hotspot.DefaultExports;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;

/** Everything that /metrics shows: vLLM's names where vLLM has one, kvasir_ names otherwise. */
public final class RuntimeMetrics {
  private final CollectorRegistry registry = new CollectorRegistry();
  private final RequestMetrics requests;
  private final Gauge startup =
      Gauge.build("kvasir_startup_seconds", "How long each stage of the start took.")
          .labelNames("stage")
          .register(registry);
  private final Counter streams =
      Counter.build("kvasir_streams", "Accepted requests for generation, by how they ended.")
          .labelNames("outcome")
          .register(registry);
  private final Counter rejected =
      Counter.build("kvasir_rejected_requests", "Refused requests, by the error's code.")
          .labelNames("reason")
          .register(registry);

  public RuntimeMetrics(String modelName, Admission admission) {
    this.requests = new RequestMetrics(registry, modelName);
    DefaultExports.register(registry);
    // A counter that begins at 1 shows no rise.
    rejected.labels(ServerObserver.QUEUE_FULL);
    for (ServerObserver.Outcome outcome : ServerObserver.Outcome.values()) {
      streams.labels(label(outcome));
    }
    Gauge.build("kvasir_draining", "1 while this replica drains.")
        .create()
        .setChild(
            new Gauge.Child() {
              @Override
              public double get() {
                return admission.isDraining() ? 1 : 0;
              }
            })
        .register(registry);
  }

  private static String label(ServerObserver.Outcome outcome) {
    return switch (outcome) {
      case COMPLETED -> "completed";
      case CANCELLED -> "cancelled";
      case DROPPED -> "dropped";
    };
  }

  /** Adds what is known once the engine runs. */
  public void engineStarted(StartedEngine started, String modelName, BuildInfo build) {
    Gauge.build("kvasir_build_info", "The build that runs; always 1.")
        .labelNames("version", "commit", "device")
        .register(registry)
        .labels(build.version(), build.commit(), started.deviceName())
        .set(1);
    stage("weights", started.times().weights());
    stage("kv", started.times().kv());
    requests.startRequestLengths(started.engine().limits().maxModelLen());
    started.engine().addListener(requests);
    new EngineCollector(started, modelName).register(registry);
  }

  /** What /version and kvasir_build_info say. */
  public record BuildInfo(String version, String commit) {}

  /** How long a stage of the start took. */
  public void stage(String name, Duration time) {
    startup.labels(name).set(time.toNanos() / 1e9);
  }

  /** Where the server reports to. */
  public ServerObserver observer() {
    return new ServerObserver() {
      @Override
      public void rejected(String reason) {
        rejected.labels(reason).inc();
      }

      @Override
      public void ended(Outcome outcome) {
        streams.labels(label(outcome)).inc();
      }

      @Override
      public void stoppedByString(GenerationRequest request) {
        requests.stoppedByString(request);
      }

      @Override
      public void promptAnswered(int n, int mostOutputTokens) {
        requests.promptAnswered(n, mostOutputTokens);
      }

      @Override
      public void betweenTokens(long nanos) {
        requests.betweenTokens(nanos);
      }
    };
  }

  /** Without the {@code _created} series, which double the scrape and which nobody reads. */
  private List<MetricFamilySamples> families() {
    return Collections.list(registry.metricFamilySamples()).stream()
        .map(family ->
            new MetricFamilySamples(
                family.name,
                family.unit,
                family.type,
                family.help,
                family.samples.stream()
                    .filter(sample -> !sample.name.endsWith("_created"))
                    .toList()))
        .toList();
  }

  /** The Prometheus text format, 0.0.4. */
  public byte[] text() {
    StringWriter out = new StringWriter(16384);
    try {
      TextFormat.write004(out, Collections.enumeration(families()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toString().getBytes(StandardCharsets.UTF_8);
  }
}
