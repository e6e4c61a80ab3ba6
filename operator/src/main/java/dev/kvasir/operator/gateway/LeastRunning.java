package dev.kvasir.operator.gateway;

import java.util.Comparator;
import java.util.Optional;
import java.util.stream.Stream;

/** Chooses a replica: the one with the fewest requests of ours, of equals the longest unused. */
final class LeastRunning {
  private LeastRunning() {}

  static Optional<Lane> pick(Stream<Lane> lanes) {
    return lanes.min(Comparator.comparingInt(Lane::inFlight).thenComparingLong(Lane::lastPicked));
  }
}
