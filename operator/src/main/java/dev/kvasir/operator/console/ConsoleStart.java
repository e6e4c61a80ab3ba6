package dev.kvasir.operator.console;

import dev.kvasir.operator.Leadership;
import dev.kvasir.operator.OperatorConfig;
import dev.kvasir.operator.OperatorStart;
import dev.kvasir.operator.Role;
import dev.kvasir.operator.inferencedeployment.InformedFleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import io.quarkus.runtime.ShutdownEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;

/** Puts the console together where a token is configured. */
@ApplicationScoped
public class ConsoleStart {
  private static final Logger LOG = Logger.getLogger(ConsoleStart.class);

  private final OperatorConfig config;
  private final Sampler sampler;
  private final Vertx vertx;
  private final String version;

  ConsoleStart(
      OperatorConfig config,
      InformedFleet fleet,
      FleetTelemetry telemetry,
      Leadership leadership,
      OperatorStart operator,
      Vertx vertx,
      @ConfigProperty(name = "quarkus.application.version") String version) {
    this.config = config;
    this.vertx = vertx;
    this.version = version;
    this.sampler =
        new Sampler(
            fleet,
            telemetry,
            new Sampler.Operator(leadership::leads, leadership::leader, operator::isStarted),
            new History(samples(config)),
            Clock.systemUTC());
  }

  private static int samples(OperatorConfig config) {
    Duration interval = config.telemetry().interval();
    long samples = config.console().history().toMillis() / Math.max(1, interval.toMillis());
    return Math.clamp(samples, 1, 3600);
  }

  void register(@Observes Router router) {
    if (config.role() == Role.OPERATOR) {
      config.console().tokenFile().ifPresent(file -> serve(router, file));
    }
  }

  private void serve(Router router, Path file) {
    Token token = Token.of(file);
    Duration interval = config.telemetry().interval();
    new ConsoleRoutes(
            token,
            sampler,
            new Answers(version, interval, config.telemetry().staleAfter()),
            new ChatRelay(vertx, config.console().gateway()),
            new Assets())
        .register(router);
    sampler.start(interval, token::refresh);
    LOG.info("the console is served at /console/");
  }

  void onStop(@Observes ShutdownEvent event) {
    sampler.close();
  }
}
