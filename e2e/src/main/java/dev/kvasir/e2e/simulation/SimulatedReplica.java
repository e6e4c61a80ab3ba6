package dev.kvasir.e2e.simulation;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * A replica with continuous batching: prompts and output share the card's time; what does not fit
 * into the batch or the cache waits.
 */
final class SimulatedReplica {
  private final ReplicaModel model;
  private final String name;
  private final double servesAt;
  private final Deque<SimulatedRequest> waiting = new ArrayDeque<>();
  private final List<SimulatedRequest> running = new ArrayList<>();
  private double reservedKv;
  private boolean draining;
  private double promptTokens;
  private double outputTokens;

  SimulatedReplica(String name, ReplicaModel model, double servesAt) {
    this.name = name;
    this.model = model;
    this.servesAt = servesAt;
  }

  String name() {
    return name;
  }

  boolean serves(double now) {
    return now >= servesAt && !draining;
  }

  boolean isStarting(double now) {
    return now < servesAt;
  }

  boolean isDraining() {
    return draining;
  }

  void drain() {
    draining = true;
  }

  boolean isEmpty() {
    return running.isEmpty() && waiting.isEmpty();
  }

  int running() {
    return running.size();
  }

  int waiting() {
    return waiting.size();
  }

  int requests() {
    return running.size() + waiting.size();
  }

  double waitingPromptTokens() {
    double queued = waiting.stream().mapToDouble(SimulatedRequest::promptLeft).sum();
    return queued + running.stream().mapToDouble(SimulatedRequest::promptLeft).sum();
  }

  double kvTokens() {
    return running.stream().mapToDouble(SimulatedRequest::kvTokens).sum();
  }

  boolean isFull() {
    return running.size() >= model.maxRunning() || !waiting.isEmpty();
  }

  double promptTokens() {
    return promptTokens;
  }

  double outputTokens() {
    return outputTokens;
  }

  void accept(SimulatedRequest request) {
    waiting.add(request);
  }

  /** Works until {@code now}, for {@code seconds}; returns what has ended. */
  List<SimulatedRequest> work(double now, double seconds) {
    admit();
    double prompts = running.stream().mapToDouble(SimulatedRequest::promptLeft).sum();
    long decoding = running.stream().filter(SimulatedRequest::isDecoding).count();
    double perRequest = seconds / model.tokenSeconds();
    double wanted = prompts / model.promptRate() + decoding * perRequest / model.outputRate();
    double part = wanted <= seconds ? 1 : seconds / wanted;
    double promptBudget = prompts * part;
    for (SimulatedRequest request : running) {
      if (request.isDecoding()) {
        request.decode(perRequest * part);
        outputTokens += perRequest * part;
      } else {
        double tokens = Math.min(request.promptLeft(), promptBudget);
        request.computePrompt(tokens, now);
        promptBudget -= tokens;
        promptTokens += tokens;
      }
    }
    return removeDone();
  }

  private void admit() {
    while (!waiting.isEmpty()
        && running.size() < model.maxRunning()
        && (running.isEmpty() || reservedKv + waiting.getFirst().largestKv() <= model.kvTokens())) {
      SimulatedRequest request = waiting.removeFirst();
      reservedKv += request.largestKv();
      running.add(request);
    }
  }

  private List<SimulatedRequest> removeDone() {
    List<SimulatedRequest> done = running.stream().filter(SimulatedRequest::isDone).toList();
    done.forEach(request -> reservedKv -= request.largestKv());
    running.removeAll(done);
    return done;
  }
}
