package dev.kvasir.runtime.scheduler;

import java.util.ArrayList;
import java.util.List;

/** Collects which sequence computes how many tokens, then lays them out as arrays. */
final class StepPlanBuilder {
  private final int blockSize;
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<Integer> counts = new ArrayList<>();
  private final SampledRowsBuilder sampled = new SampledRowsBuilder();
  private int rows;

  StepPlanBuilder(int blockSize) {
    this.blockSize = blockSize;
  }

  int rows() {
    return rows;
  }

  /** Rows of logits so far. */
  int sampledRows() {
    return sampled.count();
  }

  boolean isEmpty() {
    return sequences.isEmpty();
  }

  void add(Sequence sequence, int tokens) {
    sequences.add(sequence);
    counts.add(tokens);
    sampled.add(sequence, rows, tokens);
    rows += tokens;
  }

  PlannedStep build() {
    int n = sequences.size();
    int[] tokenIds = new int[rows];
    int[] positions = new int[rows];
    int[] ropeLengths = new int[rows];
    int[] slotMapping = new int[rows];
    int[] queryStarts = new int[n + 1];
    int[] lengths = new int[n];
    int[] slots = new int[n];
    int[][] tables = new int[n][];
    int[] newBlocksFrom = new int[n];
    SampledRows sampledRows = sampled.build();
    int promptTokens = 0;
    int row = 0;
    for (int s = 0; s < n; s++) {
      Sequence sequence = sequences.get(s);
      int first = sequence.computed();
      int end = first + counts.get(s);
      for (int position = first; position < end; position++, row++) {
        tokenIds[row] = sequence.token(position);
        positions[row] = position;
        ropeLengths[row] = sequence.ropeLength(position);
        slotMapping[row] = sequence.table().slot(position, blockSize);
      }
      queryStarts[s + 1] = row;
      lengths[s] = end;
      slots[s] = sequence.slot();
      tables[s] = sequence.table().array();
      newBlocksFrom[s] = sequence.mirroredBlocks();
      promptTokens += Math.max(0, Math.min(end, sequence.promptLength()) - first);
      sequence.planned(end - first);
    }
    StepPlan.KvGroup group = new StepPlan.KvGroup(slotMapping, tables, newBlocksFrom);
    StepPlan plan =
        new StepPlan(
            tokenIds,
            positions,
            ropeLengths,
            queryStarts,
            lengths,
            slots,
            List.of(group),
            sampledRows);
    return new PlannedStep(plan, sequences, sampled.sequences(), promptTokens);
  }
}
