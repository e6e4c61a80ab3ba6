package dev.kvasir.e2e.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;

/** The replicas of one deployment, and a gateway that holds requests while none serves. */
final class Fleet {
  private final ReplicaModel model;
  private final List<SimulatedReplica> replicas = new ArrayList<>();
  private final Deque<SimulatedRequest> held = new ArrayDeque<>();
  private double replicaSeconds;
  private int started;

  Fleet(ReplicaModel model, int replicas) {
    this.model = model;
    for (int i = 0; i < replicas; i++) {
      start(0);
    }
  }

  List<SimulatedReplica> replicas() {
    return replicas;
  }

  List<SimulatedReplica> wantedReplicas() {
    return replicas.stream().filter(replica -> !replica.isDraining()).toList();
  }

  ReplicaModel model() {
    return model;
  }

  int held() {
    return held.size();
  }

  double heldPromptTokens() {
    return held.stream().mapToDouble(SimulatedRequest::promptLeft).sum();
  }

  /** Requests anywhere: held, waiting, running. */
  int active() {
    return held.size() + replicas.stream().mapToInt(SimulatedReplica::requests).sum();
  }

  double replicaSeconds() {
    return replicaSeconds;
  }

  void arrive(SimulatedRequest request) {
    held.add(request);
  }

  /** Starts replicas, or drains those with the least work. */
  void scale(int desired, double now) {
    List<SimulatedReplica> wanted = new ArrayList<>(wantedReplicas());
    for (int i = wanted.size(); i < desired; i++) {
      start(now + model.startSeconds());
    }
    wanted.sort(
        Comparator.comparing((SimulatedReplica replica) -> !replica.isStarting(now))
            .thenComparingInt(SimulatedReplica::requests));
    for (int i = 0; i < wanted.size() - desired; i++) {
      wanted.get(i).drain();
    }
  }

  private void start(double servesAt) {
    replicas.add(new SimulatedReplica("replica-" + started++, model, servesAt));
  }

  List<SimulatedRequest> work(double now, double seconds) {
    route(now);
    List<SimulatedRequest> done = new ArrayList<>();
    for (SimulatedReplica replica : replicas) {
      if (!replica.isStarting(now)) {
        done.addAll(replica.work(now, seconds));
      }
    }
    replicaSeconds += replicas.size() * seconds;
    replicas.removeIf(replica -> replica.isDraining() && replica.isEmpty());
    return done;
  }

  private void route(double now) {
    List<SimulatedReplica> serving = replicas.stream().filter(r -> r.serves(now)).toList();
    while (!held.isEmpty() && !serving.isEmpty()) {
      serving.stream()
          .min(Comparator.comparingInt(SimulatedReplica::requests))
          .orElseThrow()
          .accept(held.removeFirst());
    }
  }
}
