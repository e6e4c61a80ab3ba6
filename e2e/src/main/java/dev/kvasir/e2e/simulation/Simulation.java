package dev.kvasir.e2e.simulation;

import java.util.ArrayList;
import java.util.List;

/** Runs a trace through a fleet that an autoscaler sizes. */
final class Simulation {
  private static final double STEP = 0.1;

  private final ReplicaModel model;
  private final List<Arrival> trace;
  private final int replicas;

  /**
   * @param trace in the order of time
   * @param replicas at the start, all serving
   */
  Simulation(ReplicaModel model, List<Arrival> trace, int replicas) {
    this.model = model;
    this.trace = trace;
    this.replicas = replicas;
  }

  Outcome run(Autoscaler autoscaler, double seconds) {
    Fleet fleet = new Fleet(model, replicas);
    List<SimulatedRequest> requests = new ArrayList<>();
    List<Outcome.Point> points = new ArrayList<>();
    double nextLook = 0;
    int arrived = 0;
    long steps = Math.round(seconds / STEP);
    for (long step = 0; step < steps; step++) {
      double now = step * STEP;
      for (; arrived < trace.size() && trace.get(arrived).at() <= now; arrived++) {
        SimulatedRequest request = new SimulatedRequest(trace.get(arrived));
        requests.add(request);
        fleet.arrive(request);
      }
      if (now >= nextLook) {
        int desired = autoscaler.desired(fleet, now);
        fleet.scale(desired, now);
        nextLook += autoscaler.interval();
        points.add(new Outcome.Point(now, desired, fleet.active(), serving(fleet, now)));
      }
      fleet.work(now + STEP, STEP);
    }
    return Outcome.of(requests, points, fleet.replicaSeconds(), seconds);
  }

  private static int serving(Fleet fleet, double now) {
    return (int) fleet.replicas().stream().filter(replica -> replica.serves(now)).count();
  }
}
