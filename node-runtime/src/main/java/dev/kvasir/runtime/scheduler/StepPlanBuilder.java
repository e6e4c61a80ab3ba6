package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.BlockTable;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Collects which sequence computes how many tokens, then lays them out as arrays. A batch that goes
 * on as it was gets the arrays of an earlier plan of its shape, so that decoding makes no garbage.
 */
final class StepPlanBuilder {
  /** Two steps in flight, one whose tokens are taken in, one that is planned. */
  private static final int PLANS_IN_USE = 4;

  private final int blockSize;
  private final int groups;
  private final PlannedStep[] made = new PlannedStep[PLANS_IN_USE];
  private int next;

  // The step that is being planned.
  private final List<Sequence> sequences = new ArrayList<>();
  private final SampledRowsBuilder sampled = new SampledRowsBuilder();
  private int[] counts = new int[8];
  private int rows;

  StepPlanBuilder(int blockSize, int groups) {
    this.blockSize = blockSize;
    this.groups = groups;
    Arrays.setAll(made, i -> new PlannedStep(emptyPlan(), new ArrayList<>(), new ArrayList<>(), 0));
  }

  void begin() {
    sequences.clear();
    sampled.clear();
    rows = 0;
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
    if (sequences.size() == counts.length) {
      counts = Arrays.copyOf(counts, 2 * counts.length);
    }
    counts[sequences.size()] = tokens;
    sequences.add(sequence);
    sampled.add(sequence, rows, tokens);
    rows += tokens;
  }

  PlannedStep build() {
    PlannedStep before = made[next];
    StepPlan plan = fits(before.plan()) ? before.plan() : newPlan();
    fill(plan);
    sampled.fill(plan.sampled());
    PlannedStep step =
        new PlannedStep(
            plan,
            refilled(before.sequences(), sequences),
            refilled(before.sampled(), sampled.sequences()),
            notePlanned(plan.sequenceLengths()));
    made[next] = step;
    next = (next + 1) % PLANS_IN_USE;
    return step;
  }

  private static List<Sequence> refilled(List<Sequence> list, List<Sequence> with) {
    list.clear();
    for (int i = 0; i < with.size(); i++) {
      list.add(with.get(i));
    }
    return list;
  }

  private boolean fits(StepPlan plan) {
    return plan.rows() == rows
        && plan.sequences() == sequences.size()
        && plan.sampled().count() == sampled.count();
  }

  private StepPlan emptyPlan() {
    return newPlan(0, 0, 0);
  }

  private StepPlan newPlan() {
    return newPlan(rows, sequences.size(), sampled.count());
  }

  private StepPlan newPlan(int rows, int n, int sampledRows) {
    List<StepPlan.KvGroup> places = new ArrayList<>();
    for (int group = 0; group < groups; group++) {
      places.add(new StepPlan.KvGroup(new int[rows], new int[n][], new int[n]));
    }
    return new StepPlan(
        new int[rows],
        new int[rows],
        new int[rows],
        new int[n + 1],
        new int[n],
        new int[n],
        List.copyOf(places),
        SampledRows.greedy(new int[sampledRows]));
  }

  private void fill(StepPlan plan) {
    int row = 0;
    for (int s = 0; s < sequences.size(); s++) {
      Sequence sequence = sequences.get(s);
      int first = sequence.computed();
      int end = first + counts[s];
      for (int position = first; position < end; position++, row++) {
        plan.tokenIds()[row] = sequence.token(position);
        plan.positions()[row] = position;
        plan.ropeLengths()[row] = sequence.ropeLength(position);
      }
      plan.queryStarts()[s + 1] = row;
      plan.sequenceLengths()[s] = end;
      plan.sequenceSlots()[s] = sequence.slot();
    }
    for (int group = 0; group < groups; group++) {
      fill(plan, group);
    }
  }

  private void fill(StepPlan plan, int group) {
    StepPlan.KvGroup places = plan.groups().get(group);
    for (int s = 0; s < sequences.size(); s++) {
      BlockTable table = sequences.get(s).blocks().table(group);
      for (int row = plan.queryStarts()[s]; row < plan.queryStarts()[s + 1]; row++) {
        places.slotMapping()[row] = table.slot(plan.positions()[row], blockSize);
      }
      places.blockTables()[s] = table.array();
      places.newBlocksFrom()[s] = sequences.get(s).mirroredBlocks(group);
    }
  }

  private int notePlanned(int[] ends) {
    int promptTokens = 0;
    for (int s = 0; s < ends.length; s++) {
      promptTokens += sequences.get(s).planned(ends[s], blockSize);
    }
    return promptTokens;
  }
}
