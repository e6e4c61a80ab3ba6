package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.BlockTable;
import java.util.ArrayList;
import java.util.List;

/** Collects which sequence computes how many tokens, then lays them out as arrays. */
final class StepPlanBuilder {
  private final int blockSize;
  private final int groups;
  private final List<Sequence> sequences = new ArrayList<>();
  private final List<Integer> counts = new ArrayList<>();
  private final SampledRowsBuilder sampled = new SampledRowsBuilder();
  private int rows;

  StepPlanBuilder(int blockSize, int groups) {
    this.blockSize = blockSize;
    this.groups = groups;
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
    int[] queryStarts = new int[n + 1];
    int[] lengths = new int[n];
    int[] slots = new int[n];
    SampledRows sampledRows = sampled.build();
    int row = 0;
    for (int s = 0; s < n; s++) {
      Sequence sequence = sequences.get(s);
      int first = sequence.computed();
      int end = first + counts.get(s);
      for (int position = first; position < end; position++, row++) {
        tokenIds[row] = sequence.token(position);
        positions[row] = position;
        ropeLengths[row] = sequence.ropeLength(position);
      }
      queryStarts[s + 1] = row;
      lengths[s] = end;
      slots[s] = sequence.slot();
    }
    List<StepPlan.KvGroup> places = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      places.add(group(group, positions, queryStarts));
    }
    StepPlan plan =
        new StepPlan(
            tokenIds, positions, ropeLengths, queryStarts, lengths, slots, places, sampledRows);
    return new PlannedStep(plan, sequences, sampled.sequences(), notePlanned(lengths));
  }

  private StepPlan.KvGroup group(int group, int[] positions, int[] queryStarts) {
    int n = sequences.size();
    int[] slotMapping = new int[rows];
    int[][] tables = new int[n][];
    int[] newBlocksFrom = new int[n];
    for (int s = 0; s < n; s++) {
      BlockTable table = sequences.get(s).blocks().table(group);
      for (int row = queryStarts[s]; row < queryStarts[s + 1]; row++) {
        slotMapping[row] = table.slot(positions[row], blockSize);
      }
      tables[s] = table.array();
      newBlocksFrom[s] = sequences.get(s).mirroredBlocks(group);
    }
    return new StepPlan.KvGroup(slotMapping, tables, newBlocksFrom);
  }

  private int notePlanned(int[] ends) {
    int promptTokens = 0;
    for (int s = 0; s < ends.length; s++) {
      promptTokens += sequences.get(s).planned(ends[s]);
    }
    return promptTokens;
  }
}
