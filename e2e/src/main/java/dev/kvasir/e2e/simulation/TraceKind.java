package dev.kvasir.e2e.simulation;

import java.util.ArrayList;
import java.util.List;

/** The traces that the simulator makes itself. */
enum TraceKind {
  /** 400 requests at once, after a quiet minute. */
  STEP(900),
  RAMP(1800),
  SPIKES(3600),
  DIURNAL(24 * 3600),
  LONG_PROMPTS(1800);

  private final double seconds;

  TraceKind(double seconds) {
    this.seconds = seconds;
  }

  double seconds() {
    return seconds;
  }

  List<Arrival> arrivals(long seed) {
    Traces traces = new Traces(seed, 1500, 300);
    return switch (this) {
      case STEP -> atOnce(400, 60);
      case RAMP -> traces.ramp(seconds, 60);
      case SPIKES -> traces.spikes(seconds, 4, 60);
      case DIURNAL -> traces.diurnal(seconds, 40);
      case LONG_PROMPTS -> traces.longPrompts(seconds, 4, 200, 24_000);
    };
  }

  private static List<Arrival> atOnce(int requests, double at) {
    List<Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      arrivals.add(new Arrival(at, 1000, 3000));
    }
    return arrivals;
  }
}
