package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.DeviceException;
import dev.kvasir.runtime.device.StepHandle;
import dev.kvasir.runtime.device.cpu.TestingSampler;
import dev.kvasir.runtime.scheduler.RotationRule;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;
import dev.kvasir.runtime.scheduler.TestingModel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.SplittableRandom;

/**
 * A device that runs its steps in order, but some time between their launch and the moment when
 * somebody waits for them. It knows of a plan what it copied at the launch, of block tables what it
 * was told of a slot, and of tokens what it drew itself.
 */
final class TestingDevice implements StepExecutor {
  private static final int UNKNOWN = Integer.MIN_VALUE;

  private final EngineLimits limits;
  private final int depth;
  private final RotationRule rotation;
  private final SplittableRandom random;
  private final TestingModel model;
  private final TestingSampler sampler;
  private final int[] lastDrawn;

  /** By group and slot. */
  private final int[][][] tables;

  private final Deque<Step> queue = new ArrayDeque<>();
  private int launched;
  private int failing = -1;
  private boolean losing;
  private boolean lost;
  int mostInFlight;
  int drawnLater;

  TestingDevice(EngineLimits limits, int depth, RotationRule rotation, long seed) {
    this.limits = limits;
    this.depth = depth;
    this.rotation = rotation;
    this.random = new SplittableRandom(seed);
    this.model = new TestingModel(limits.pools(), limits.blockSize(), limits.vocabularySize());
    this.sampler = new TestingSampler(limits.vocabularySize());
    this.lastDrawn = new int[limits.maxNumSeqs()];
    this.tables = new int[limits.pools().size()][limits.maxNumSeqs()][];
    for (int[][] ofGroup : tables) {
      Arrays.setAll(ofGroup, slot -> new int[limits.maxModelLen() / limits.blockSize() + 1]);
    }
  }

  /** Lets a step fail when it is waited for; the first is 0. */
  void failAt(int step, boolean lose) {
    failing = step;
    losing = lose;
  }

  @Override
  public int depth() {
    return depth;
  }

  @Override
  public RotationRule rotation() {
    return rotation;
  }

  @Override
  public StepHandle execute(StepPlan plan, boolean drawsLater) {
    requireThere();
    Step step = new Step(copy(plan), launched++ == failing);
    if (!drawsLater) {
      step.rows = copy(plan.sampled());
    } else {
      drawnLater++;
    }
    queue.add(step);
    mostInFlight = Math.max(mostInFlight, queue.size());
    runSome();
    step.original = plan;
    return step;
  }

  private void requireThere() {
    if (lost) {
      throw new TestingLoss();
    }
  }

  private void runSome() {
    while (!queue.isEmpty() && queue.peek().rows != null && random.nextBoolean()) {
      queue.poll().run();
    }
  }

  /** What a device that mirrors block tables makes of a plan. */
  private StepPlan copy(StepPlan plan) {
    List<StepPlan.KvGroup> groups = new ArrayList<>();
    for (int g = 0; g < plan.groups().size(); g++) {
      groups.add(mirrored(plan, plan.groups().get(g), tables[g]));
    }
    return new StepPlan(
        plan.tokenIds().clone(),
        plan.positions().clone(),
        plan.ropeLengths().clone(),
        plan.queryStarts().clone(),
        plan.sequenceLengths().clone(),
        plan.sequenceSlots().clone(),
        groups,
        copy(plan.sampled()));
  }

  private StepPlan.KvGroup mirrored(StepPlan plan, StepPlan.KvGroup group, int[][] bySlot) {
    int[][] mirrors = new int[plan.sequences()][];
    for (int s = 0; s < plan.sequences(); s++) {
      int[] mirror = bySlot[plan.sequenceSlots()[s]];
      int end = Math.ceilDiv(plan.sequenceLengths()[s], limits.blockSize());
      int from = group.newBlocksFrom()[s];
      System.arraycopy(group.blockTables()[s], from, mirror, from, end - from);
      Arrays.fill(mirror, end, mirror.length, UNKNOWN);
      mirrors[s] = mirror.clone();
    }
    return new StepPlan.KvGroup(group.slotMapping().clone(), mirrors, new int[0]);
  }

  private static SampledRows copy(SampledRows rows) {
    long[][] masks = new long[rows.count()][];
    Arrays.setAll(masks, i -> rows.masks()[i] == null ? null : rows.masks()[i].clone());
    return new SampledRows(
        rows.rows().clone(),
        rows.slots().clone(),
        rows.targets().clone(),
        rows.temperatures().clone(),
        rows.topP().clone(),
        rows.topK().clone(),
        rows.minP().clone(),
        rows.seeds().clone(),
        rows.outputPositions().clone(),
        rows.topLogprobs().clone(),
        rows.repetitionPenalties().clone(),
        rows.presencePenalties().clone(),
        rows.frequencyPenalties().clone(),
        rows.histories().clone(),
        rows.promptLengths().clone(),
        rows.biasedIds().clone(),
        rows.biases().clone(),
        rows.barred().clone(),
        masks);
  }

  @Override
  public void close() {
    if (!queue.isEmpty()) {
      throw new IllegalStateException(queue.size() + " steps are in flight");
    }
  }

  /** What a device that is gone answers to everything. */
  static final class TestingLoss extends DeviceException {
    private static final long serialVersionUID = 1L;

    TestingLoss() {
      super("waiting for the device: it fell off the bus");
    }

    @Override
    public boolean isLost() {
      return true;
    }
  }

  private final class Step implements StepHandle {
    private final StepPlan plan;
    private final boolean fails;
    private StepPlan original;
    private SampledRows rows;
    private StepResult result;

    Step(StepPlan plan, boolean fails) {
      this.plan = plan;
      this.fails = fails;
    }

    @Override
    public void draw() {
      if (rows != null) {
        throw new IllegalStateException("drawn already");
      }
      rows = copy(original.sampled());
      runSome();
    }

    @Override
    public StepResult await() {
      while (result == null) {
        queue.remove().run();
      }
      if (fails) {
        lost = losing;
        throw losing ? new TestingLoss() : new IllegalStateException("failing as told");
      }
      return result;
    }

    private void run() {
      for (int s = 0; s < plan.sequences(); s++) {
        for (int row = plan.queryStarts()[s]; row < plan.queryStarts()[s + 1]; row++) {
          plan.tokenIds()[row] = turned(row, tokenOf(row, plan.sequenceSlots()[s]));
        }
      }
      result = sampler.draw(model.values(plan), rows);
      for (int i = 0; i < rows.count(); i++) {
        if (rows.draws(i)) {
          lastDrawn[rows.slots()[i]] = Math.max(0, result.tokens()[i]);
        }
      }
    }

    private int tokenOf(int row, int slot) {
      int token = plan.tokenIds()[row];
      return token == StepPlan.LAST_DRAWN ? lastDrawn[slot] : token;
    }

    /** Stands for a key that is turned for a length. */
    private int turned(int row, int token) {
      return token + limits.vocabularySize() * (int) rotation.classOf(plan.ropeLengths()[row]);
    }
  }
}
