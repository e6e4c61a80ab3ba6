package dev.kvasir.operator.console;

import dev.kvasir.operator.telemetry.Fleet;
import dev.kvasir.operator.telemetry.FleetTelemetry;
import dev.kvasir.operator.telemetry.Member;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jboss.logging.Logger;

/**
 * Looks at what the operator knows as often as it reads the pods, so that any number of open pages
 * costs no more than one.
 */
final class Sampler implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Sampler.class);

  private final Fleet fleet;
  private final FleetTelemetry telemetry;
  private final Operator operator;
  private final History history;
  private final Clock clock;
  private final ScheduledExecutorService ticks =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("console").daemon(true).factory());
  private volatile Picture picture;

  /**
   * What the operator says of itself.
   *
   * @param leads whether it reads the pods
   * @param leader who does, where that is known
   * @param watching whether it knows the cluster
   */
  record Operator(
      BooleanSupplier leads, Supplier<Optional<String>> leader, BooleanSupplier watching) {}

  Sampler(Fleet fleet, FleetTelemetry telemetry, Operator operator, History history, Clock clock) {
    this.fleet = fleet;
    this.telemetry = telemetry;
    this.operator = operator;
    this.history = history;
    this.clock = clock;
    this.picture = new Picture(clock.millis(), false, Optional.empty(), false, List.of());
  }

  Picture picture() {
    return picture;
  }

  History history() {
    return history;
  }

  /**
   * @param also done with each look
   */
  void start(Duration interval, Runnable also) {
    var _ =
        ticks.scheduleWithFixedDelay(
            () -> tick(also), 0, interval.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void tick(Runnable also) {
    try {
      look();
      also.run();
    } catch (RuntimeException e) {
      LOG.error("the console could not look at the fleet", e);
    }
  }

  void look() {
    boolean leads = operator.leads().getAsBoolean();
    List<Row> rows = fleet.members().stream().map(member -> row(member, leads)).toList();
    Picture now =
        new Picture(
            clock.millis(),
            leads,
            operator.leader().get(),
            operator.watching().getAsBoolean(),
            rows);
    history.add(now.at(), now.rows());
    picture = now;
  }

  private Row row(Member member, boolean leads) {
    return Row.of(member, leads ? telemetry.view(member.key()) : Optional.empty());
  }

  @Override
  public void close() {
    ticks.shutdownNow();
  }
}
