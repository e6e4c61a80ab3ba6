package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.kvcache.BlockPool;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.IntStream;

/**
 * Small steps that nobody asked for, run while the engine would be idle after its start, so that
 * the first request finds compiled code, and on a device that records its steps the recordings of
 * small batches. They write to the reserved block only, and a request that arrives waits for one of
 * them at most.
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
  private int left;
  private int batchesLeft;
  private long started;

  private WarmUp(EngineLimits limits, StepExecutor executor, int steps) {
    this.limits = limits;
    this.executor = executor;
    this.left = steps;
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
    return plan(rows, new int[] {0, rows}, sampled(rows - 1));
  }

  /** Rows of as many sequences, each with one token. */
  private StepPlan nextBatch() {
    batchesLeft--;
    int wanted = BATCHES[BATCHES.length - 1 - batchesLeft / TIMES];
    int rows = Math.min(wanted, Math.min(limits.maxNumSeqs(), limits.maxNumBatchedTokens()));
    int[] each = IntStream.rangeClosed(0, rows).toArray();
    SampledRows sampled = SampledRows.greedy(Arrays.copyOf(each, rows));
    Arrays.setAll(sampled.slots(), slot -> slot);
    return plan(rows, each, sampled);
  }

  private StepPlan plan(int rows, int[] starts, SampledRows sampled) {
    int sequences = starts.length - 1;
    int[] tokens = new int[rows];
    int[] positions = new int[rows];
    int[] ropeLengths = new int[rows];
    int[] slots = new int[rows];
    for (int row = 0; row < rows; row++) {
      tokens[row] = row % limits.vocabularySize();
      positions[row] = sequences == 1 ? row : 0;
      ropeLengths[row] = positions[row] + 1;
      slots[row] = BlockPool.PADDING_BLOCK * limits.blockSize() + positions[row];
    }
    int[][] tables = new int[sequences][];
    Arrays.fill(tables, new int[] {BlockPool.PADDING_BLOCK});
    int[] lengths = new int[sequences];
    Arrays.setAll(lengths, s -> starts[s + 1] - starts[s]);
    return new StepPlan(
        tokens,
        positions,
        ropeLengths,
        starts,
        lengths,
        IntStream.range(0, sequences).toArray(),
        Collections.nCopies(
            limits.pools().size(), new StepPlan.KvGroup(slots, tables, new int[sequences])),
        sampled);
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
