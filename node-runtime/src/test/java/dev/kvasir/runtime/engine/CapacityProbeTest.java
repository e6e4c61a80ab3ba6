package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.DeviceException;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.kvcache.BlockPool;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CapacityProbeTest {
  private static final long MICRO = 1_000;

  /** A device whose steps cost a fixed time and more for each row; the first ones ten times. */
  private static final class TestingClock implements StepExecutor {
    private final long perStep;
    private final long perRow;
    private final long compiledAfter;
    private final List<StepPlan> plans = new ArrayList<>();
    private long now;
    private DeviceException failure;

    TestingClock(long perStep, long perRow, long compiledAfter) {
      this.perStep = perStep;
      this.perRow = perRow;
      this.compiledAfter = compiledAfter;
    }

    @Override
    public StepHandle execute(StepPlan plan, boolean drawsLater) {
      if (failure != null) {
        throw failure;
      }
      plans.add(plan);
      now += (now < compiledAfter ? 10 : 1) * (perStep + plan.rows() * perRow);
      return () -> StepResult.ofRows(plan.sampled().count());
    }

    @Override
    public void close() {}
  }

  private static Optional<MeasuredCapacity> measure(EngineLimits limits, TestingClock device) {
    CapacityProbe probe = new CapacityProbe(limits, device, () -> device.now);
    while (!probe.isDone()) {
      if (probe.restNanos() > 0) {
        device.now += probe.restNanos();
      }
      probe.step();
    }
    return probe.result();
  }

  private static EngineLimits limits(int maxNumSeqs, int blocks) {
    return new EngineLimits(400, 4096, maxNumSeqs, 512, 100, 16, blocks);
  }

  @Test
  void bothRatesAreThoseOfTheLargestSteps() {
    TestingClock device = new TestingClock(2_000 * MICRO, 20 * MICRO, 0);

    MeasuredCapacity found = measure(limits(64, 10_000), device).orElseThrow();

    assertEquals(512 / 0.01224, found.promptTokensPerSecond(), 1);
    assertEquals(64 / 0.00328, found.outputTokensPerSecond(), 1);
    assertEquals(
        "this replica computes 41830 prompt tokens a second (steps of 512) and 19512 output tokens"
            + " (64 sequences of 256 tokens)",
        found.inWords());
  }

  @Test
  void compiledCodeTakesAboutASecond() {
    TestingClock device = new TestingClock(2_000 * MICRO, 20 * MICRO, 0);

    measure(limits(64, 10_000), device);

    long rests = 2_000_000 * MICRO;
    assertTrue(device.now - rests < 1_000_000 * MICRO, "took " + device.now);
  }

  @Test
  void itGoesOnWhileCodeIsStillCompiled() {
    TestingClock device = new TestingClock(2_000 * MICRO, 20 * MICRO, 2_000_000 * MICRO);

    MeasuredCapacity found = measure(limits(64, 10_000), device).orElseThrow();

    assertEquals(512 / 0.01224, found.promptTokensPerSecond(), 1);
    assertEquals(64 / 0.00328, found.outputTokensPerSecond(), 1);
  }

  @Test
  void noMoreSequencesAreCountedOnThanTheKvCacheHolds() {
    TestingClock device = new TestingClock(2_000 * MICRO, 20 * MICRO, 0);

    MeasuredCapacity found = measure(limits(256, 130), device).orElseThrow();

    assertTrue(found.inWords().contains("(8 sequences of 256 tokens)"), found.inWords());
    assertEquals(8 / 0.00216, found.outputTokensPerSecond(), 1);
  }

  @Test
  void aBatchThatWouldTakeTooLongIsExtrapolatedAndSaidSo() {
    TestingClock device = new TestingClock(5_000 * MICRO, 1_000 * MICRO, 0);

    MeasuredCapacity found = measure(limits(256, 10_000), device).orElseThrow();

    // 256 sequences would take 261 ms, a chunk of 64 rows 69, and that twice is too much.
    assertEquals(32 / 0.037, found.promptTokensPerSecond(), 1);
    assertTrue(found.outputTokensPerSecond() <= found.promptTokensPerSecond());
    assertTrue(found.inWords().contains("extrapolated from batches of up to 32"), found.inWords());
  }

  @Test
  void keysAndValuesGoToTheReservedBlockOnly() {
    TestingClock device = new TestingClock(2_000 * MICRO, 20 * MICRO, 0);
    measure(limits(64, 10_000), device);

    for (StepPlan plan : device.plans) {
      for (StepPlan.KvGroup group : plan.groups()) {
        assertTrue(Arrays.stream(group.slotMapping()).allMatch(slot -> slot / 16 == 0));
        for (int s = 0; s < plan.sequences(); s++) {
          int[] table = group.blockTables()[s];
          assertEquals(Math.ceilDiv(plan.sequenceLengths()[s], 16), table.length);
          assertTrue(Arrays.stream(table).allMatch(block -> block == BlockPool.PADDING_BLOCK));
        }
      }
    }
  }

  private static final class TestingFailure extends DeviceException {
    private static final long serialVersionUID = 1L;
    private final boolean lost;

    TestingFailure(boolean lost) {
      super("no");
      this.lost = lost;
    }

    @Override
    public boolean isLost() {
      return lost;
    }
  }

  @Test
  void aStepThatFailsIsNoMeasureAndALostDeviceIsSaid() {
    TestingClock device = new TestingClock(1, 1, 0);
    device.failure = new TestingFailure(false);
    assertEquals(Optional.empty(), measure(limits(64, 1000), device));

    device.failure = new TestingFailure(true);
    assertThrows(TestingFailure.class, () -> measure(limits(64, 1000), device));
  }
}
