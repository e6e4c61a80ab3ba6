package dev.kvasir.runtime.scheduler;

import java.util.Arrays;

/**
 * A model without arithmetic: it stores each row's token where the plan says keys and values go,
 * and draws as next token a hash of what it finds through the block table. Any mistake in
 * positions, slots, tables or preemption changes what it draws.
 */
public final class TestingModel {
  private final int[] stored;
  private final int blockSize;
  private final int vocabulary;

  public TestingModel(int usableBlocks, int blockSize, int vocabulary) {
    this.stored = new int[(usableBlocks + 1) * blockSize];
    this.blockSize = blockSize;
    this.vocabulary = vocabulary;
    Arrays.fill(stored, -1);
  }

  public StepResult run(StepPlan plan) {
    StepPlan.KvGroup group = plan.groups().getFirst();
    for (int row = 0; row < plan.rows(); row++) {
      stored[group.slotMapping()[row]] = plan.tokenIds()[row];
    }
    int[] rows = plan.sampled().rows();
    StepResult result = StepResult.ofRows(rows.length);
    int[] tokens = result.tokens();
    for (int i = 0; i < rows.length; i++) {
      int s = sequenceOf(plan, rows[i]);
      tokens[i] = next(group.blockTables()[s], plan.sequenceLengths()[s]);
    }
    Arrays.fill(result.logprobs(), Float.NaN);
    return result;
  }

  private static int sequenceOf(StepPlan plan, int row) {
    int s = 0;
    while (plan.queryStarts()[s + 1] <= row) {
      s++;
    }
    return s;
  }

  private int next(int[] table, int length) {
    int hash = 17;
    for (int position = 0; position < length; position++) {
      int slot = table[position / blockSize] * blockSize + position % blockSize;
      hash = step(hash, stored[slot]);
    }
    return Math.floorMod(hash, vocabulary);
  }

  private static int step(int hash, int token) {
    int mixed = (hash ^ (token + 0x9E37)) * 0x85EBCA6B;
    return mixed ^ (mixed >>> 13);
  }

  /** What it draws after a prompt, said without any plan. */
  public static int[] expected(int[] prompt, int tokens, int vocabulary) {
    int hash = 17;
    for (int token : prompt) {
      hash = step(hash, token);
    }
    int[] out = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      out[i] = Math.floorMod(hash, vocabulary);
      hash = step(hash, out[i]);
    }
    return out;
  }
}
