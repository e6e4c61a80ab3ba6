package dev.kvasir.e2e.load;

import dev.kvasir.e2e.simulation.Arrival;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/** Makes arrivals that depend on nothing but a seed: the server's pace doesn't change them. */
public record Arrivals(Lengths prompt, Lengths output, long seed) {
  static final int MOST = 1_000_000;

  /** A Poisson process: what independent users look like. */
  public List<Arrival> poisson(double perSecond, double seconds) {
    SplittableRandom random = new SplittableRandom(seed);
    List<Arrival> arrivals = new ArrayList<>();
    for (double at = gap(random, perSecond); at < seconds; at += gap(random, perSecond)) {
      if (arrivals.size() == MOST) {
        throw new IllegalArgumentException(
            "%s requests a second over %s s are more than %d".formatted(perSecond, seconds, MOST));
      }
      arrivals.add(new Arrival(at, prompt.draw(random), output.draw(random)));
    }
    return List.copyOf(arrivals);
  }

  private static double gap(SplittableRandom random, double perSecond) {
    return -Math.log(1 - random.nextDouble()) / perSecond;
  }
}
