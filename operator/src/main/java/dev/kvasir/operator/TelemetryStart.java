package dev.kvasir.operator;

import dev.kvasir.operator.inferencedeployment.InformedFleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.HttpPages;
import dev.kvasir.operator.telemetry.TelemetryLoop;
import dev.kvasir.operator.telemetry.TelemetrySettings;
import io.prometheus.client.Gauge;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.time.Clock;
import java.util.List;

/** Puts the telemetry together and lets it run; only the leader reads pods. */
@ApplicationScoped
public class TelemetryStart {
  private final HttpPages pages;
  private final Role role;
  private final TelemetrySettings settings;
  private final FleetTelemetry telemetry;
  private final TelemetryLoop loop;

  TelemetryStart(
      OperatorConfig config, OperatorMetrics metrics, InformedFleet fleet, Leadership leadership) {
    this.role = config.role();
    this.settings = settings(config.telemetry());
    this.pages = new HttpPages(settings.timeout(), settings.mostBytes());
    TelemetryMetrics observer = new TelemetryMetrics(metrics.registry());
    this.telemetry = new FleetTelemetry(settings, pages, observer, Clock.systemUTC());
    this.loop = new TelemetryLoop(telemetry, fleet, observer, leadership::leads);
    new FleetCollector(telemetry, fleet, Clock.systemUTC()).register(metrics.registry());
    new ScalingCollector(telemetry, fleet).register(metrics.registry());
    Gauge.build("kvasir_operator_leader", "1 for the operator that acts.")
        .create()
        .setChild(
            new Gauge.Child() {
              @Override
              public double get() {
                return leadership.leads() ? 1 : 0;
              }
            })
        .register(metrics.registry());
  }

  private static TelemetrySettings settings(OperatorConfig.Telemetry config) {
    return new TelemetrySettings(
        config.interval(),
        config.timeout(),
        config.maxBytes(),
        config.staleAfter(),
        config.holders().orElse(List.of()));
  }

  @Produces
  @Singleton
  FleetTelemetry telemetry() {
    return telemetry;
  }

  void onStart(@Observes StartupEvent event) {
    if (role == Role.OPERATOR) {
      loop.start(settings.interval());
    }
  }

  void onStop(@Observes ShutdownEvent event) {
    loop.close();
    pages.close();
  }
}
