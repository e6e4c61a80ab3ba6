package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.kvcache.BlockPool;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Collections;

/**
 * Small steps that nobody asked for, run while the engine would be idle after its start, so that
 * the first request finds compiled code. They write to the reserved block only, and a request that
 * arrives waits for one of them at most.
 */
final class WarmUp {
  private static final int STEPS = 24;
  private static final long MOST_NANOS = 3_000_000_000L;

  /** Enough for the products of several rows and of one. */
  private static final int ROWS = 5;

  private final StepExecutor executor;
  private final EngineLimits limits;
  private int left;
  private long started;

  private WarmUp(EngineLimits limits, StepExecutor executor, int steps) {
    this.limits = limits;
    this.executor = executor;
    this.left = steps;
  }

  static WarmUp of(EngineLimits limits, StepExecutor executor) {
    return new WarmUp(limits, executor, STEPS);
  }

  static WarmUp none() {
    return new WarmUp(null, null, 0);
  }

  boolean isDone() {
    return left == 0;
  }

  void step() {
    if (started == 0) {
      started = System.nanoTime();
    }
    int rows = left % 2 == 0 ? Math.min(ROWS, limits.maxNumBatchedTokens()) : 1;
    executor.execute(plan(rows), false).await();
    boolean late = System.nanoTime() - started > MOST_NANOS;
    left = late ? 0 : left - 1;
  }

  private StepPlan plan(int rows) {
    int[] tokens = new int[rows];
    int[] positions = new int[rows];
    int[] ropeLengths = new int[rows];
    int[] slots = new int[rows];
    for (int row = 0; row < rows; row++) {
      tokens[row] = row % limits.vocabularySize();
      positions[row] = row;
      ropeLengths[row] = rows;
      slots[row] = BlockPool.PADDING_BLOCK * limits.blockSize() + row;
    }
    return new StepPlan(
        tokens,
        positions,
        ropeLengths,
        new int[] {0, rows},
        new int[] {rows},
        new int[] {0},
        Collections.nCopies(
            limits.pools().size(),
            new StepPlan.KvGroup(slots, new int[][] {{BlockPool.PADDING_BLOCK}}, new int[] {0})),
        sampled(rows - 1));
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
