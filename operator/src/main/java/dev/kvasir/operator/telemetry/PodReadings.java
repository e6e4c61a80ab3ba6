package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.scaling.ReplicaLoad;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/** What one pod has said over the last minute: from counters, rates. */
final class PodReadings {
  private static final Duration KEPT = Duration.ofSeconds(60);
  private static final double LEAST_SATURATED = 5;

  private final Deque<Point> points = new ArrayDeque<>();

  private record Point(Instant at, EngineReading reading) {}

  void add(Instant at, EngineReading reading) {
    if (!points.isEmpty() && hasRestarted(points.getLast().reading(), reading)) {
      points.clear();
    }
    points.addLast(new Point(at, reading));
    while (points.getFirst().at().isBefore(at.minus(KEPT))) {
      points.removeFirst();
    }
  }

  private static boolean hasRestarted(EngineReading before, EngineReading now) {
    return now.outputTokens().orElse(0) < before.outputTokens().orElse(0)
        || now.promptTokens().orElse(0) < before.promptTokens().orElse(0)
        || now.firstToken().total() < before.firstToken().total();
  }

  Optional<EngineReading> last() {
    return Optional.ofNullable(points.peekLast()).map(Point::reading);
  }

  Optional<Instant> readAt() {
    return Optional.ofNullable(points.peekLast()).map(Point::at);
  }

  double promptRate(Duration over) {
    return rate(EngineReading::promptTokens, over);
  }

  double outputRate(Duration over) {
    return rate(EngineReading::outputTokens, over);
  }

  private double rate(Function<EngineReading, OptionalDouble> counter, Duration over) {
    return points.size() < 2
        ? 0
        : rate(counter, earliest(points.getLast().at().minus(over)), points.getLast());
  }

  private static double rate(
      Function<EngineReading, OptionalDouble> counter, Point first, Point last) {
    double seconds = seconds(first, last);
    double counted =
        counter.apply(last.reading()).orElse(0) - counter.apply(first.reading()).orElse(0);
    return seconds > 0 ? Math.max(0, counted / seconds) : 0;
  }

  private static double seconds(Point first, Point last) {
    return Duration.between(first.at(), last.at()).toMillis() / 1000.0;
  }

  /** The first point that is not older, or the last but one where all are. */
  private Point earliest(Instant from) {
    Iterator<Point> newestFirst = points.descendingIterator();
    newestFirst.next();
    Point earliest = newestFirst.next();
    while (newestFirst.hasNext()) {
      Point point = newestFirst.next();
      if (point.at().isBefore(from)) {
        return earliest;
      }
      earliest = point;
    }
    return earliest;
  }

  /**
   * Since when, of the last while, the pod has been saturated without a break; empty where it is
   * not, or not for long. A time that began before the queue did would show less than it can do.
   */
  private Optional<Point> saturatedSince(int mostRunning, Duration over) {
    Point since = null;
    Point last = points.getLast();
    for (Iterator<Point> newest = points.descendingIterator(); newest.hasNext(); ) {
      Point point = newest.next();
      if (!isSaturated(point.reading(), mostRunning)
          || point.at().isBefore(last.at().minus(over))) {
        break;
      }
      since = point;
    }
    return Optional.ofNullable(since).filter(first -> seconds(first, last) >= LEAST_SATURATED);
  }

  private static boolean isSaturated(EngineReading reading, int mostRunning) {
    return reading.waiting() > 0 || (mostRunning > 0 && reading.running() >= mostRunning);
  }

  /** Times to the first token of the last minute. */
  Histogram firstTokens() {
    return grown(EngineReading::firstToken);
  }

  /** Times between two tokens of the last minute. */
  Histogram interTokens() {
    return grown(EngineReading::interToken);
  }

  private Histogram grown(Function<EngineReading, Histogram> counted) {
    return points.size() < 2
        ? Histogram.EMPTY
        : counted
            .apply(points.getLast().reading())
            .minus(counted.apply(points.getFirst().reading()));
  }

  /**
   * What the scaler wants to know.
   *
   * @param mostRunning requests that fit into a batch; 0 where that is not known
   */
  Optional<ReplicaLoad> load(int mostRunning, Duration rateOver) {
    return last().map(reading -> load(reading, saturatedSince(mostRunning, rateOver), rateOver));
  }

  private ReplicaLoad load(EngineReading reading, Optional<Point> saturated, Duration rateOver) {
    Point last = points.getLast();
    return new ReplicaLoad(
        reading.running(),
        reading.waiting(),
        waitingPromptTokens(reading),
        kvTokens(reading),
        reading.kvCapacityTokens().orElse(0),
        promptRate(rateOver),
        outputRate(rateOver),
        saturated.map(since -> rate(EngineReading::promptTokens, since, last)).orElse(0.0),
        saturated.map(since -> rate(EngineReading::outputTokens, since, last)).orElse(0.0));
  }

  private static double kvTokens(EngineReading reading) {
    return reading.kvUsage() * reading.kvCapacityTokens().orElse(0);
  }

  /** An engine that does not say: what waits is taken to be like what runs. */
  private static double waitingPromptTokens(EngineReading reading) {
    double mean = reading.running() == 0 ? 0 : kvTokens(reading) / reading.running();
    return reading.waitingPromptTokens().orElse(reading.waiting() * mean);
  }
}
