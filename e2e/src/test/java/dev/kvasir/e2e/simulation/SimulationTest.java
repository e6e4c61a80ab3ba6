package dev.kvasir.e2e.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The simulator against what is known of its parts, and ours within it. */
class SimulationTest {
  private static final ReplicaModel MODEL = ReplicaModel.standard();
  private static final double SCRAPE = 2;

  private static Outcome run(Contestant contestant, List<Arrival> trace, double seconds) {
    return new Simulation(MODEL, trace, 1).run(contestant.make().get(), seconds);
  }

  /** Requests that outlast the test, so that 400 are active all the time. */
  private static List<Arrival> forever(int requests, double at) {
    List<Arrival> arrivals = new ArrayList<>();
    for (int i = 0; i < requests; i++) {
      arrivals.add(new Arrival(at, 1000, 1_000_000));
    }
    return arrivals;
  }

  /** From its source: the mean of 60 samples at a target of 100 needs 46 looks for four. */
  @Test
  void kubeAiTakes460SecondsToAskForWhat400RequestsNeed() {
    Outcome outcome = new Simulation(MODEL, forever(400, 0), 1).run(new KubeAi(100, 1, 20), 700);
    assertEquals(150, outcome.reached(2), 10);
    assertEquals(300, outcome.reached(3), 10);
    assertEquals(450, outcome.reached(4), 10);
  }

  @Test
  void oursAsksForEnoughWithinTwoScrapesOfAStep() {
    Outcome ours = run(Contestant.ours(MODEL, 1, 20), TraceKind.STEP.arrivals(1), 900);
    double needed = 400 * 1000 / (1.5 * MODEL.promptRate() * 1.5);
    assertTrue(
        ours.reached((int) Math.floor(needed)) <= 60 + 2 * SCRAPE,
        "asked for " + ours.largest() + ", " + needed + " are needed");
  }

  @Test
  void oursDoesNotOscillateAfterAStep() {
    Outcome ours = run(Contestant.ours(MODEL, 1, 20), TraceKind.STEP.arrivals(1), 900);
    assertTrue(ours.reversals() <= 1, "up, and later down: " + ours.reversals() + " reversals");
  }

  @Test
  void everyRequestEndsHoweverTheFleetIsScaled() {
    for (long seed = 0; seed < 20; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      List<Arrival> trace = new Traces(seed, 500, 100).spikes(300, 2, 20);
      Autoscaler restless =
          new Autoscaler() {
            @Override
            public double interval() {
              return 3;
            }

            @Override
            public int desired(Fleet fleet, double now) {
              return random.nextInt(0, 6);
            }
          };
      Outcome outcome = new Simulation(MODEL, trace, 1).run(restless, 900);
      assertEquals(trace.size(), outcome.requests(), "seed " + seed);
      assertFalse(outcome.percentile(1) > 600, "seed " + seed + ": a request never started");
    }
  }

  @Test
  void oneRequestTakesItsPromptAndItsTokens() {
    List<Arrival> one = List.of(new Arrival(0, 20_000, 100));
    Outcome outcome = new Simulation(MODEL, one, 1).run(new KubeAi(100, 1, 1), 60);
    assertEquals(1, outcome.percentile(0.5), 0.15, "20,000 tokens at 20,000 a second");
    assertEquals(60.0 / 3600, outcome.replicaHours(), 1e-3);
  }
}
