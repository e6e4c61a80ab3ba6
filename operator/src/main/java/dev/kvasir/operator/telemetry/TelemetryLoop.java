package dev.kvasir.operator.telemetry;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jboss.logging.Logger;

/** The clock of the telemetry: one round after the other, on a thread of its own. */
public final class TelemetryLoop implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(TelemetryLoop.class);

  private final FleetTelemetry telemetry;
  private final Fleet fleet;
  private final TelemetryObserver observer;
  private final BooleanSupplier leads;
  private final ScheduledExecutorService clock =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("telemetry").daemon(true).factory());

  /**
   * Not started yet.
   *
   * @param leads whether this operator is the one that acts; others read nothing
   */
  public TelemetryLoop(
      FleetTelemetry telemetry, Fleet fleet, TelemetryObserver observer, BooleanSupplier leads) {
    this.leads = leads;
    this.telemetry = telemetry;
    this.fleet = fleet;
    this.observer = observer;
  }

  public void start(Duration interval) {
    var _ =
        clock.scheduleWithFixedDelay(this::round, 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** One that fails is told, and the next one comes all the same. */
  private void round() {
    if (!leads.getAsBoolean()) {
      return;
    }
    long start = System.nanoTime();
    try {
      telemetry.round(fleet.members()).forEach(fleet::wake);
      observer.roundEnded(System.nanoTime() - start);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException e) {
      LOG.error("a round of telemetry failed", e);
    }
  }

  @Override
  public void close() {
    clock.shutdownNow();
  }
}
