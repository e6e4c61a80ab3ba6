package dev.kvasir.e2e.simulation;

import dev.kvasir.operator.inferencedeployment.status.ScalingMemory;
import dev.kvasir.operator.scaling.ScalingDecision.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** How a number of replicas went over a recording. */
final class Replayed {
  private final String name;
  private final List<Step> steps = new ArrayList<>();
  private final Map<Outcome, Double> seconds = new EnumMap<>(Outcome.class);
  private double replicaSeconds;
  private int reversals;
  private int direction;
  private Instant start;
  private Instant last;

  /** From this second on this many. */
  record Step(double at, int replicas) {}

  Replayed(String name) {
    this.name = name;
  }

  /** Takes in what was asked for from a time on; nothing is known of a time nobody recorded. */
  void add(Instant at, int replicas, Outcome outcome) {
    if (last == null) {
      start = at;
    } else if (!last.plus(ScalingMemory.PATIENCE).isBefore(at)) {
      double since = Duration.between(last, at).toMillis() / 1000.0;
      replicaSeconds += since * steps.getLast().replicas();
      seconds.merge(outcome, since, Double::sum);
    }
    last = at;
    if (steps.isEmpty() || steps.getLast().replicas() != replicas) {
      turn(replicas);
      steps.add(new Step(length(), replicas));
    }
  }

  /** Seconds from the first time to the last. */
  double length() {
    return Duration.between(start, last).toMillis() / 1000.0;
  }

  private void turn(int replicas) {
    if (!steps.isEmpty()) {
      int now = Integer.signum(replicas - steps.getLast().replicas());
      reversals += direction != 0 && now != direction ? 1 : 0;
      direction = now;
    }
  }

  String name() {
    return name;
  }

  List<Step> steps() {
    return List.copyOf(steps);
  }

  double replicaHours() {
    return replicaSeconds / 3600;
  }

  int most() {
    return steps.stream().mapToInt(Step::replicas).max().orElse(0);
  }

  int changes() {
    return steps.size() - 1;
  }

  int reversals() {
    return reversals;
  }

  /** Seconds in which a decision had one of these outcomes. */
  double seconds(Outcome... outcomes) {
    return List.of(outcomes).stream()
        .mapToDouble(outcome -> seconds.getOrDefault(outcome, 0.0))
        .sum();
  }
}
