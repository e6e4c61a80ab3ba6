package dev.kvasir.e2e.simulation;

import java.util.List;
import java.util.stream.DoubleStream;

/**
 * What an autoscaler made of a trace.
 *
 * @param replicaHours from being asked for to being gone
 * @param changes how often the number of replicas changed
 * @param reversals how often it went the other way than the time before
 */
record Outcome(
    List<Point> points,
    long requests,
    double replicaHours,
    int changes,
    int reversals,
    double[] timesToFirstToken) {

  /** One look of the autoscaler. */
  record Point(double at, int desired, int active, int serving) {}

  static Outcome of(
      List<SimulatedRequest> requests, List<Point> points, double replicaSeconds, double end) {
    int changes = 0;
    int reversals = 0;
    int direction = 0;
    for (int i = 1; i < points.size(); i++) {
      int change = Integer.signum(points.get(i).desired() - points.get(i - 1).desired());
      if (change != 0) {
        changes++;
        reversals += direction != 0 && change != direction ? 1 : 0;
        direction = change;
      }
    }
    double[] times =
        requests.stream()
            .mapToDouble(request ->
                Double.isNaN(request.timeToFirstToken())
                    ? end - request.arrival.at()
                    : request.timeToFirstToken())
            .sorted()
            .toArray();
    return new Outcome(points, requests.size(), replicaSeconds / 3600, changes, reversals, times);
  }

  /** The part of the requests whose first token came in time. */
  double within(double seconds) {
    if (timesToFirstToken.length == 0) {
      return 1;
    }
    return (double) DoubleStream.of(timesToFirstToken).filter(time -> time <= seconds).count()
        / timesToFirstToken.length;
  }

  double percentile(double part) {
    if (timesToFirstToken.length == 0) {
      return 0;
    }
    int index = (int) Math.ceil(part * timesToFirstToken.length) - 1;
    return timesToFirstToken[Math.clamp(index, 0, timesToFirstToken.length - 1)];
  }

  int largest() {
    return points.stream().mapToInt(Point::desired).max().orElse(0);
  }

  /** When this many replicas were first asked for; infinite where they never were. */
  double reached(int replicas) {
    return points.stream()
        .filter(point -> point.desired() >= replicas)
        .mapToDouble(Point::at)
        .findFirst()
        .orElse(Double.POSITIVE_INFINITY);
  }
}
