package dev.kvasir.e2e.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.DoubleUnaryOperator;

/** Generated arrivals: Poisson at a rate that changes with time, lengths log-normal. */
final class Traces {
  private static final double HOUR = 3600;

  private final SplittableRandom random;
  private final double meanPrompt;
  private final double meanOutput;

  Traces(long seed, double meanPrompt, double meanOutput) {
    this.random = new SplittableRandom(seed);
    this.meanPrompt = meanPrompt;
    this.meanOutput = meanOutput;
  }

  /** A quiet start, then a rate at once. */
  List<Arrival> step(double seconds, double at, double rate) {
    return arrivals(seconds, rate, time -> time < at ? 0 : rate);
  }

  List<Arrival> ramp(double seconds, double rate) {
    return arrivals(seconds, rate, time -> rate * time / seconds);
  }

  /** A base with three spikes of a minute. */
  List<Arrival> spikes(double seconds, double base, double peak) {
    double period = seconds / 3;
    return arrivals(
        seconds,
        peak,
        time -> time % period > period / 2 && time % period < period / 2 + 60 ? peak : base);
  }

  /** A day: quiet nights, two humps, and some noise of minutes. */
  List<Arrival> diurnal(double seconds, double peak) {
    double phase = random.nextDouble() * 2 * Math.PI;
    return arrivals(
        seconds,
        1.3 * peak,
        time -> {
          double hour = time / seconds * 24;
          double day = Math.exp(-sq((hour - 11) / 2.5)) + 0.8 * Math.exp(-sq((hour - 16) / 3));
          double noise = 0.12 * Math.sin(time / (HOUR / 20) + phase);
          return peak * Math.clamp(0.04 + day * (0.9 + noise), 0, 1.3);
        });
  }

  /** A steady rate, and in the middle a burst of very long prompts. */
  List<Arrival> longPrompts(double seconds, double rate, int prompts, int promptTokens) {
    List<Arrival> all = new ArrayList<>(arrivals(seconds, rate, time -> rate));
    for (int i = 0; i < prompts; i++) {
      all.add(new Arrival(seconds / 2 + i * 0.05, promptTokens, length(meanOutput)));
    }
    all.sort(java.util.Comparator.comparingDouble(Arrival::at));
    return all;
  }

  private static double sq(double x) {
    return x * x;
  }

  /** Thinning: candidates at the largest rate, kept with the probability of the current one. */
  private List<Arrival> arrivals(double seconds, double largest, DoubleUnaryOperator rate) {
    List<Arrival> arrivals = new ArrayList<>();
    double time = 0;
    while (true) {
      time -= Math.log(1 - random.nextDouble()) / largest;
      if (time >= seconds) {
        return arrivals;
      }
      if (random.nextDouble() * largest < rate.applyAsDouble(time)) {
        arrivals.add(new Arrival(time, length(meanPrompt), length(meanOutput)));
      }
    }
  }

  private int length(double mean) {
    double sigma = 0.8;
    double normal =
        Math.sqrt(-2 * Math.log(1 - random.nextDouble()))
            * Math.cos(2 * Math.PI * random.nextDouble());
    return (int) Math.clamp(mean * Math.exp(sigma * normal - sigma * sigma / 2), 4, 32_000);
  }
}
