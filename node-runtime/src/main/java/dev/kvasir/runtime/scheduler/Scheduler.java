package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.BlockTable;
import dev.kvasir.runtime.kvcache.KvCacheManager;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Decides what each step computes. There is no prefill and no decode phase: every running sequence
 * has tokens that are known and not yet computed, and a step takes as many as its budget allows,
 * earliest arrival first. When blocks run out the latest arrival gives its own up and is computed
 * again later; so the earliest always advances, and all finish.
 */
public final class Scheduler {
  private final SchedulerLimits limits;
  private final KvCacheManager cache;
  private final RotationRule rotation;
  private final Deque<Sequence> waiting = new ArrayDeque<>();

  /** In order of arrival. */
  private final List<Sequence> running = new ArrayList<>();

  private final int[] freeSlots;
  private int freeSlotCount;
  private long preemptions;

  /** For a model whose positions are turned the same at every length. */
  public Scheduler(SchedulerLimits limits, KvCacheManager cache) {
    this(limits, cache, RotationRule.FIXED);
  }

  public Scheduler(SchedulerLimits limits, KvCacheManager cache, RotationRule rotation) {
    this.limits = limits;
    this.cache = cache;
    this.rotation = rotation;
    this.freeSlots = new int[limits.maxRunning()];
    for (int slot = limits.maxRunning() - 1; slot >= 0; slot--) {
      freeSlots[freeSlotCount++] = slot;
    }
  }

  /** Whether the pool could hold a sequence of this many tokens if it were alone. */
  public boolean couldEverFit(long tokens) {
    return tokens <= (long) cache.usableBlocks() * cache.blockSize();
  }

  /** Queues a sequence. The caller has asked {@link #couldEverFit}. */
  public void submit(Sequence sequence) {
    if (!couldEverFit(sequence.largestLength())) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens never fits %d KV blocks of %d"
              .formatted(sequence.largestLength(), cache.usableBlocks(), cache.blockSize()));
    }
    waiting.addLast(sequence);
  }

  public boolean hasWork() {
    return !running.isEmpty() || !waiting.isEmpty();
  }

  public int running() {
    return running.size();
  }

  public int waiting() {
    return waiting.size();
  }

  public long preemptions() {
    return preemptions;
  }

  /** Known tokens of the queue that have not been computed. */
  public long waitingTokens() {
    return waiting.stream().mapToLong(Sequence::length).sum();
  }

  /** Tokens whose keys and values running sequences hold. */
  public long computedTokens() {
    return running.stream().mapToLong(Sequence::computed).sum();
  }

  /** Plans the next step; null when nothing can run. */
  public PlannedStep plan() {
    StepPlanBuilder step = new StepPlanBuilder(cache.blockSize());
    long preemptionsBefore = preemptions;
    continueRunning(step);
    if (preemptions == preemptionsBefore) {
      admitWaiting(step);
    }
    return step.isEmpty() ? null : step.build();
  }

  private void continueRunning(StepPlanBuilder step) {
    // By index: preemption removes from the end of the list while it is walked.
    for (int i = 0; i < running.size() && step.rows() < limits.maxTokensPerStep(); i++) {
      Sequence sequence = running.get(i);
      // Each that comes after it may need a row of logits.
      int tokens = tokensFor(sequence, step, running.size() - i - 1);
      if (tokens > 0 && makeRoom(sequence, sequence.computed() + tokens)) {
        step.add(sequence, tokens);
      }
    }
  }

  /** Grows a sequence's table at the expense of later arrivals; false if it was itself the last. */
  private boolean makeRoom(Sequence sequence, int tokens) {
    while (!cache.grow(sequence.table(), tokens)) {
      Sequence victim = running.getLast();
      preempt(victim);
      if (victim == sequence) {
        return false;
      }
    }
    return true;
  }

  private void admitWaiting(StepPlanBuilder step) {
    while (!waiting.isEmpty()
        && running.size() < limits.maxRunning()
        && step.rows() < limits.maxTokensPerStep()
        && step.sampledRows() < limits.maxSampledRows()) {
      Sequence sequence = waiting.getFirst();
      BlockTable table = cache.open();
      // All that is known at once: a prompt that is half in must not find the pool taken.
      if (!cache.grow(table, sequence.length())) {
        cache.release(table);
        return;
      }
      waiting.removeFirst();
      sequence.admit(table, freeSlots[--freeSlotCount]);
      running.add(sequence);
      step.add(sequence, tokensFor(sequence, step, 0));
    }
  }

  /**
   * How many tokens of a sequence the step takes.
   *
   * @param reservedRows rows of logits to leave for others
   */
  private int tokensFor(Sequence sequence, StepPlanBuilder step, int reservedRows) {
    int budget = Math.min(sequence.uncomputed(), limits.maxTokensPerStep() - step.rows());
    int sampledRows = limits.maxSampledRows() - step.sampledRows() - reservedRows;
    return sequence.fitting(budget, Math.max(1, sampledRows));
  }

  private void preempt(Sequence sequence) {
    running.remove(sequence);
    releaseResources(sequence);
    sequence.preempted();
    waiting.addFirst(sequence);
    preemptions++;
  }

  /** Takes a token that a step drew for a sequence, unless that has left meanwhile. */
  public void append(Sequence sequence, int token) {
    if (sequence.state() != Sequence.State.FINISHED) {
      sequence.append(token);
      if (rotation.outdates(sequence.rotatedLength(), sequence.length())) {
        computeAgain(sequence);
      }
    }
  }

  /** What it has in the cache is turned for a shorter sequence. */
  private void computeAgain(Sequence sequence) {
    sequence.rotateAnew();
    if (sequence.state() == Sequence.State.RUNNING) {
      cache.release(sequence.table());
      sequence.restart(cache.open());
    }
  }

  /** Ends a sequence wherever it is; its blocks are free at once. */
  public void finish(Sequence sequence) {
    switch (sequence.state()) {
      case RUNNING -> {
        running.remove(sequence);
        releaseResources(sequence);
      }
      case WAITING -> waiting.remove(sequence);
      case FINISHED -> {
        return;
      }
    }
    sequence.finished();
  }

  private void releaseResources(Sequence sequence) {
    cache.release(sequence.table());
    freeSlots[freeSlotCount++] = sequence.slot();
  }

  /** Fails with the facts unless blocks, slots and sequences agree. */
  public void checkIntegrity() {
    cache.checkIntegrity();
    if (freeSlotCount + running.size() != limits.maxRunning()) {
      throw new IllegalStateException(
          "%d sequences run and %d slots are free, of %d"
              .formatted(running.size(), freeSlotCount, limits.maxRunning()));
    }
  }
}
