package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;

/**
 * Small steps that nobody asked for, run while the engine would be idle after its start, so that
 * the first request finds compiled code, and on a device that records its steps the recordings of
 * small batches. A request that arrives waits for one of them at most.
 */
final class WarmUp {
  private static final int STEPS = 24;
  private static final long MOST_NANOS = 3_000_000_000L;

  /** Enough for the products of several rows and of one. */
  private static final int ROWS = 5;

  /** Batches that decode, and how often: a device may record a step when it comes again. */
  private static final int[] BATCHES = {1, 2, 4, 8, 16, 24, 32, 40, 48, 56, 64};

  private static final int TIMES = 2;

  private final StepExecutor executor;
  private final EngineLimits limits;
  private final PaddingSteps steps;
  private int left;
  private int batchesLeft;
  private long started;

  private WarmUp(EngineLimits limits, StepExecutor executor, int count) {
    this.limits = limits;
    this.steps = new PaddingSteps(limits);
    this.executor = executor;
    this.left = count;
    this.batchesLeft = executor == null || executor.depth() == 1 ? 0 : TIMES * BATCHES.length;
  }

  static WarmUp of(EngineLimits limits, StepExecutor executor) {
    return new WarmUp(limits, executor, STEPS);
  }

  static WarmUp none() {
    return new WarmUp(null, null, 0);
  }

  boolean isDone() {
    return left == 0 && batchesLeft == 0;
  }

  void step() {
    if (started == 0) {
      started = System.nanoTime();
    }
    executor.execute(batchesLeft > 0 ? nextBatch() : nextPrompt(), false).await();
    if (System.nanoTime() - started > MOST_NANOS) {
      left = 0;
      batchesLeft = 0;
    }
  }

  private StepPlan nextPrompt() {
    int rows = left % 2 == 0 ? Math.min(ROWS, limits.maxNumBatchedTokens()) : 1;
    left--;
    return steps.prompt(rows, sampled(rows - 1));
  }

  /** Rows of as many sequences, each with one token. */
  private StepPlan nextBatch() {
    batchesLeft--;
    int wanted = BATCHES[BATCHES.length - 1 - batchesLeft / TIMES];
    int rows = Math.min(wanted, Math.min(limits.maxNumSeqs(), limits.maxNumBatchedTokens()));
    return steps.decode(rows, 1);
  }

  private SampledRows sampled(int row) {
    SampledRows sampled = SampledRows.greedy(row);
    sampled.temperatures()[0] = left % 3;
    sampled.topP()[0] = 0.9;
    sampled.seeds()[0] = left;
    sampled.topLogprobs()[0] = 1;
    return sampled;
  }
}
