package dev.kvasir.operator.scaling;

import java.util.EnumMap;
import java.util.Map;

/**
 * How many replicas the load asks for now, by signal, before bounds and waiting.
 *
 * @param inputs the totals that went into it
 */
public record Recommendation(Map<Signal, Double> asked, Inputs inputs) {

  /** Totals over the replicas, never means. */
  public record Inputs(
      double waitingRequests,
      double waitingPromptTokens,
      double kvTokens,
      double promptTokensPerSecond,
      double outputTokensPerSecond,
      Capacity capacity) {}

  public Recommendation {
    asked = Map.copyOf(asked);
  }

  static Recommendation of(TelemetrySnapshot snapshot, Capacity capacity, ScalingPolicy policy) {
    Inputs in = inputs(snapshot, capacity);
    Map<Signal, Double> asked = new EnumMap<>(Signal.class);
    asked.put(Signal.NONE, 0.0);
    if (snapshot.isActive()) {
      asked.put(Signal.ACTIVITY, 1.0);
    }
    if (capacity.kvTokens() > 0) {
      asked.put(
          Signal.KV_OCCUPANCY,
          (in.kvTokens + in.waitingPromptTokens) / (capacity.kvTokens() * policy.kvOccupancy()));
    }
    if (capacity.knowsRates()) {
      double inTime =
          capacity.promptTokensPerSecond() * policy.timeToFirstToken().toMillis() / 1000;
      asked.put(Signal.BACKLOG, in.waitingPromptTokens / inTime);
      asked.put(
          Signal.TOKEN_RATE,
          capacity.share(in.promptTokensPerSecond, in.outputTokensPerSecond)
              / policy.utilization());
    } else if (in.waitingRequests > 0) {
      asked.put(Signal.QUEUE, forQueue(snapshot, in.waitingRequests > snapshot.held()));
    }
    return new Recommendation(asked, in);
  }

  private static Inputs inputs(TelemetrySnapshot snapshot, Capacity capacity) {
    double waiting = snapshot.held();
    double waitingTokens = snapshot.heldPromptTokens();
    double kvTokens = 0;
    double promptRate = 0;
    double outputRate = 0;
    for (ReplicaLoad load : snapshot.loads().toList()) {
      waiting += load.waiting();
      waitingTokens += load.waitingPromptTokens();
      kvTokens += load.kvTokens();
      promptRate += load.promptTokensPerSecond();
      outputRate += load.outputTokensPerSecond();
    }
    return new Inputs(waiting, waitingTokens, kvTokens, promptRate, outputRate, capacity);
  }

  /**
   * Without a measure: another one, but not before the last has shown what it does.
   *
   * @param queued whether requests wait in a replica; what is only held goes to those that serve,
   *     or to the first that will
   */
  private static double forQueue(TelemetrySnapshot snapshot, boolean queued) {
    long starting =
        snapshot.count(Replica.State.STARTING) + snapshot.count(Replica.State.UNSCHEDULABLE);
    long serving = snapshot.count(Replica.State.SERVING);
    return queued ? serving + Math.max(1, starting) : Math.max(1, serving);
  }

  public Signal deciding() {
    Signal deciding = Signal.NONE;
    for (Signal signal : Signal.values()) {
      if (asked.getOrDefault(signal, 0.0) > asked.getOrDefault(deciding, 0.0)) {
        deciding = signal;
      }
    }
    return deciding;
  }

  /** The largest of what is asked, not rounded. */
  public double replicas() {
    return asked.getOrDefault(deciding(), 0.0);
  }

  /** What the deciding signal says, as a sentence's second half. */
  String because() {
    Capacity capacity = inputs.capacity();
    return switch (deciding()) {
      case BACKLOG ->
          "%.0f prompt tokens wait, and a replica computes %.0f a second (%s): %.1f replicas"
              .formatted(
                  inputs.waitingPromptTokens(),
                  capacity.promptTokensPerSecond(),
                  capacity.source().words(),
                  replicas());
      case KV_OCCUPANCY ->
          "%.0f tokens are in the KV caches or wait for them, and one holds %.0f: %.1f replicas"
              .formatted(
                  inputs.kvTokens() + inputs.waitingPromptTokens(),
                  capacity.kvTokens(),
                  replicas());
      case TOKEN_RATE ->
          ("%.0f prompt and %.0f output tokens a second, and a replica does %.0f or %.0f (%s):"
                  + " %.1f replicas")
              .formatted(
                  inputs.promptTokensPerSecond(),
                  inputs.outputTokensPerSecond(),
                  capacity.promptTokensPerSecond(),
                  capacity.outputTokensPerSecond(),
                  capacity.source().words(),
                  replicas());
      case QUEUE ->
          "%.0f requests wait, and what a replica can do is not known yet"
              .formatted(inputs.waitingRequests());
      case ACTIVITY -> "there are requests";
      case NONE -> "there are no requests";
    };
  }
}
