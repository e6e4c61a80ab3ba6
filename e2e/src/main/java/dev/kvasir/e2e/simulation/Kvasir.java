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
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** The operator's own scaler, fed with what a scrape of the simulated replicas would show. */
final class Kvasir implements Autoscaler {
  private static final double RATE_SECONDS = 30;
  private static final DeploymentKey NAME = new DeploymentKey("simulated", "simulated");

  private final Scaler scaler;
  private final Capacity benchmark;
  private final IdentityHashMap<SimulatedReplica, Scrapes> scrapes = new IdentityHashMap<>();
  private final Consumer<RecordedRound> recorder;
  private ScalingState state;

  /** Two counters of a replica over the last while. */
  private static final class Scrapes {
    private final List<double[]> points = new ArrayList<>();

    void add(double now, SimulatedReplica replica) {
      points.add(new double[] {now, replica.promptTokens(), replica.outputTokens()});
      points.removeIf(point -> point[0] < now - RATE_SECONDS);
    }

    double rate(int counter) {
      double[] first = points.getFirst();
      double[] last = points.getLast();
      return last[0] == first[0] ? 0 : (last[counter] - first[counter]) / (last[0] - first[0]);
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
            seen.rate(1),
            seen.rate(2),
            replica.isFull());
    return new Replica(replica.name(), state, time(now), Optional.of(load), time(now));
  }
}
