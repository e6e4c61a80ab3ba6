package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.kvcache.BlockPool;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Arrays;
import java.util.Collections;
import java.util.stream.IntStream;

/**
 * Plans of steps that nobody asked for. Whatever their length, all their keys and values are in the
 * reserved block, so they take nothing from requests and leave nothing behind.
 */
record PaddingSteps(EngineLimits limits) {

  /** One sequence, computed from its first token on; its last row draws. */
  StepPlan prompt(int rows, SampledRows sampled) {
    return plan(IntStream.range(0, rows).toArray(), new int[] {0, rows}, sampled);
  }

  StepPlan prompt(int rows) {
    return prompt(rows, SampledRows.greedy(rows - 1));
  }

  /**
   * Sequences that each draw a token.
   *
   * @param length of each with the token that is computed
   */
  StepPlan decode(int sequences, int length) {
    int[] positions = new int[sequences];
    Arrays.fill(positions, length - 1);
    SampledRows sampled = SampledRows.greedy(IntStream.range(0, sequences).toArray());
    Arrays.setAll(sampled.slots(), slot -> slot);
    return plan(positions, IntStream.rangeClosed(0, sequences).toArray(), sampled);
  }

  private StepPlan plan(int[] positions, int[] starts, SampledRows sampled) {
    int sequences = starts.length - 1;
    int[] tokens = new int[positions.length];
    Arrays.setAll(tokens, row -> row % limits.vocabularySize());
    int[] slots = new int[positions.length];
    Arrays.setAll(slots, row -> slot(positions[row]));
    int[] lengths = new int[sequences];
    Arrays.setAll(lengths, s -> positions[starts[s + 1] - 1] + 1);
    int longest = Arrays.stream(lengths).max().orElseThrow();
    int[] table = new int[Math.ceilDiv(longest, limits.blockSize())];
    Arrays.fill(table, BlockPool.PADDING_BLOCK);
    int[][] tables = new int[sequences][];
    Arrays.fill(tables, table);
    return new StepPlan(
        tokens,
        positions,
        Arrays.stream(positions).map(position -> position + 1).toArray(),
        starts,
        lengths,
        IntStream.range(0, sequences).toArray(),
        Collections.nCopies(
            limits.pools().size(), new StepPlan.KvGroup(slots, tables, new int[sequences])),
        sampled);
  }

  private int slot(int position) {
    return BlockPool.PADDING_BLOCK * limits.blockSize() + position % limits.blockSize();
  }
}
