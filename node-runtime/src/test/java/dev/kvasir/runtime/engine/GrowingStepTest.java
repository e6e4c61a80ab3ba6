package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import java.util.function.LongUnaryOperator;
import org.junit.jupiter.api.Test;

class GrowingStepTest {
  private static final long MILLI = 1_000_000;

  /** Runs it to its end; checks that no step is longer than it may be, but for the first size. */
  private static long run(GrowingStep step, LongUnaryOperator nanos) {
    int first = step.size();
    long spent = 0;
    while (!step.isDone()) {
      long took = nanos.applyAsLong(step.size());
      spent += took;
      assertTrue(
          step.size() == first || took <= GrowingStep.MOST_STEP_NANOS,
          step.size() + " rows take " + took);
      step.took(took);
    }
    return spent;
  }

  @Test
  void aFastDeviceIsMeasuredAtTheWantedSize() {
    GrowingStep step = new GrowingStep(16, 2048, 400 * MILLI);

    run(step, rows -> 2 * MILLI + rows * 10_000);

    assertTrue(step.reachedMost());
    assertEquals(2048 / 0.02248, step.point().perSecond(), 1);
  }

  @Test
  void aSlowOneStopsBeforeAStepIsTooLong() {
    GrowingStep step = new GrowingStep(1, 256, 400 * MILLI);

    run(step, rows -> 10 * MILLI + rows * MILLI);

    assertEquals(64, step.point().size());
    assertEquals(266e6, step.nanosAtMost(), 1, "it grows by a millisecond a row");
  }

  @Test
  void aVerySlowOneIsRunOnce() {
    GrowingStep step = new GrowingStep(16, 512, 150 * MILLI);

    long spent = run(step, rows -> 3_000 * MILLI);

    assertEquals(3_000 * MILLI, spent);
    assertEquals(16 / 3.0, step.point().perSecond(), 1e-9);
    assertEquals(96_000e6, step.nanosAtMost(), 1);
  }

  @Test
  void aSlowFirstStepOfASizeDoesNotCount() {
    GrowingStep step = new GrowingStep(16, 16, 400 * MILLI);
    step.took(50 * MILLI);
    while (!step.isDone()) {
      step.took(MILLI);
    }
    assertEquals(16_000, step.point().perSecond(), 1e-6);
  }

  @Test
  void whateverTheCostItEndsWithinItsBudgetAndOneStep() {
    SplittableRandom random = new SplittableRandom(5);
    for (int i = 0; i < 500; i++) {
      long fixed = random.nextLong(1, 50 * MILLI);
      long perRow = random.nextLong(1, 2 * MILLI);
      int most = random.nextInt(1, 4096);
      long budget = random.nextLong(1, 500 * MILLI);
      GrowingStep step = new GrowingStep(random.nextInt(1, 20), most, budget);

      long spent = run(step, rows -> fixed + rows * perRow);

      String scenario = "seed 5, case " + i;
      long last = fixed + step.size() * perRow;
      assertTrue(spent <= budget + last, scenario);
      assertTrue(step.point().size() <= most, scenario);
      double whole = fixed + (double) most * perRow;
      boolean onePoint = step.nanosAtMost() == step.point().nanos() * most / step.point().size();
      assertTrue(onePoint || Math.abs(step.nanosAtMost() - whole) < 1e-6 * whole, scenario);
    }
  }
}
