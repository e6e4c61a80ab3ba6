package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.scaling.Capacity;
import dev.kvasir.operator.scaling.Replica;
import dev.kvasir.operator.scaling.ReplicaLoad;
import dev.kvasir.operator.scaling.Scaler;
import dev.kvasir.operator.scaling.ScalingPolicy;
import dev.kvasir.operator.scaling.ScalingState;
import dev.kvasir.operator.scaling.TelemetrySnapshot;
import dev.kvasir.operator.telemetry.DeploymentKey;
import dev.kvasir.operator.telemetry.RecordedRound;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.ToDoubleFunction;

/** The operator's own scaler, fed with what a scrape of the simulated replicas would show. */
final class Kvasir implements Autoscaler {
  private static final double RATE_SECONDS = 30;
  private static final double LEAST_SATURATED = 5;
  private static final DeploymentKey NAME = new DeploymentKey("simulated", "simulated");

  private final Scaler scaler;
  private final Capacity benchmark;
  private final IdentityHashMap<SimulatedReplica, Scrapes> scrapes = new IdentityHashMap<>();
  private final Consumer<RecordedRound> recorder;
  private ScalingState state;

  /** Two counters of a replica over the last while, and since when it has been saturated. */
  private static final class Scrapes {
    private final Deque<Point> points = new ArrayDeque<>();

    private record Point(double at, double promptTokens, double outputTokens, boolean saturated) {}

    void add(double now, SimulatedReplica replica) {
      points.add(new Point(now, replica.promptTokens(), replica.outputTokens(), replica.isFull()));
      points.removeIf(point -> point.at() < now - RATE_SECONDS);
    }

    double rate(ToDoubleFunction<Point> counter) {
      return rate(counter, points.getFirst());
    }

    private double rate(ToDoubleFunction<Point> counter, Point first) {
      Point last = points.getLast();
      double seconds = last.at() - first.at();
      return seconds > 0
          ? (counter.applyAsDouble(last) - counter.applyAsDouble(first)) / seconds
          : 0;
    }

    double saturatedRate(ToDoubleFunction<Point> counter) {
      Point since = points.getLast();
      for (Iterator<Point> newest = points.descendingIterator(); newest.hasNext(); ) {
        Point point = newest.next();
        if (!point.saturated()) {
          break;
        }
        since = point;
      }
      return points.getLast().at() - since.at() >= LEAST_SATURATED ? rate(counter, since) : 0;
    }
  }

  /**
   * @param benchmarkError what the replicas' own benchmark says, as a multiple of the truth
   * @param recorder hears of each look
   */
  Kvasir(
      ScalingPolicy policy,
      ReplicaModel model,
      double benchmarkError,
      Consumer<RecordedRound> recorder) {
    this.recorder = recorder;
    this.scaler = new Scaler(policy);
    this.benchmark =
        new Capacity(
            model.promptRate() * benchmarkError,
            model.outputRate() * benchmarkError,
            model.kvTokens(),
            Capacity.Source.BENCHMARK);
  }

  @Override
  public double interval() {
    return 2;
  }

  @Override
  public int desired(Fleet fleet, double now) {
    Instant at = time(now);
    if (state == null) {
      state = ScalingState.start(fleet.wantedReplicas().size(), at);
    }
    TelemetrySnapshot snapshot = snapshot(fleet, now);
    Scaler.Step step = scaler.decide(snapshot, benchmark, state);
    state = step.state();
    recorder.accept(new RecordedRound(NAME, "", state.desired(), benchmark, snapshot));
    return step.decision().desired();
  }

  private static Instant time(double seconds) {
    return Instant.EPOCH.plus(Duration.ofMillis(Math.round(seconds * 1000)));
  }

  private TelemetrySnapshot snapshot(Fleet fleet, double now) {
    scrapes.keySet().retainAll(fleet.replicas());
    List<Replica> replicas = new ArrayList<>();
    for (SimulatedReplica replica : fleet.replicas()) {
      replicas.add(reading(fleet, replica, now));
    }
    return new TelemetrySnapshot(time(now), replicas, fleet.held(), fleet.heldPromptTokens());
  }

  private Replica reading(Fleet fleet, SimulatedReplica replica, double now) {
    Replica.State state =
        replica.isDraining()
            ? Replica.State.DRAINING
            : replica.isStarting(now) ? Replica.State.STARTING : Replica.State.SERVING;
    if (state == Replica.State.STARTING) {
      return new Replica(replica.name(), state, time(now), Optional.empty(), time(now));
    }
    Scrapes seen = scrapes.computeIfAbsent(replica, r -> new Scrapes());
    seen.add(now, replica);
    ReplicaLoad load =
        new ReplicaLoad(
            replica.running(),
            replica.waiting(),
            replica.waitingPromptTokens(),
            replica.kvTokens(),
            fleet.model().kvTokens(),
            seen.rate(Scrapes.Point::promptTokens),
            seen.rate(Scrapes.Point::outputTokens),
            seen.saturatedRate(Scrapes.Point::promptTokens),
            seen.saturatedRate(Scrapes.Point::outputTokens));
    return new Replica(replica.name(), state, time(now), Optional.of(load), time(now));
  }
}
