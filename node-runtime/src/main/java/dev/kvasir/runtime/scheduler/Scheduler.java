package dev.kvasir.runtime.scheduler;

import dev.kvasir.runtime.kvcache.KvCacheManager;
import dev.kvasir.runtime.kvcache.SequenceBlocks;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Decides what each step computes. There is no prefill and no decode phase: every running sequence
 * has tokens that are known and not yet computed, and a step takes as many as its budget allows,
 * earliest arrival first. When blocks run out the latest arrival gives its own up and is computed
 * again later, as far as its blocks are not cached then; so the earliest always advances, and all
 * finish. Who is admitted beside others leaves a free block for each of these, or they would throw
 * it out again at once.
 */
public final class Scheduler {
  private final SchedulerLimits limits;
  private final KvCacheManager cache;
  private final RotationRule rotation;
  private final Deque<Sequence> waiting = new ArrayDeque<>();

  /** In order of arrival. */
  private final List<Sequence> running = new ArrayList<>();

  private final StepPlanBuilder step;
  private final int[] freeSlots;
  private int freeSlotCount;
  private long preemptions;
  private long prefixQueries;
  private long prefixHits;

  /** For a model whose positions are turned the same at every length. */
  public Scheduler(SchedulerLimits limits, KvCacheManager cache) {
    this(limits, cache, RotationRule.FIXED);
  }

  public Scheduler(SchedulerLimits limits, KvCacheManager cache, RotationRule rotation) {
    this.limits = limits;
    this.cache = cache;
    this.rotation = rotation;
    this.step = new StepPlanBuilder(cache.blockSize(), cache.groups());
    this.freeSlots = new int[limits.maxRunning()];
    for (int slot = limits.maxRunning() - 1; slot >= 0; slot--) {
      freeSlots[freeSlotCount++] = slot;
    }
  }

  /** Whether the pool could hold a sequence of this many tokens if it were alone. */
  public boolean couldEverFit(long tokens) {
    return cache.couldEverHold(tokens);
  }

  /** Queues a sequence. The caller has asked {@link #couldEverFit}. */
  public void submit(Sequence sequence) {
    if (!couldEverFit(sequence.largestLength())) {
      throw new IllegalArgumentException(
          "a sequence of %d tokens never fits the KV cache".formatted(sequence.largestLength()));
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

  /** Tokens of prompts that were looked up in the prefix cache, each request's once. */
  public long prefixQueries() {
    return prefixQueries;
  }

  /** Those of them that were there. */
  public long prefixHits() {
    return prefixHits;
  }

  /** Known tokens of the queue that have not been computed. */
  public long waitingTokens() {
    if (waiting.isEmpty()) {
      return 0;
    }
    long tokens = 0;
    for (Sequence sequence : waiting) {
      tokens += sequence.length();
    }
    return tokens;
  }

  /** Tokens whose keys and values running sequences hold. */
  public long computedTokens() {
    long tokens = 0;
    for (int i = 0; i < running.size(); i++) {
      tokens += running.get(i).computed();
    }
    return tokens;
  }

  /** Plans the next step; null when nothing can run. */
  public PlannedStep plan() {
    step.begin();
    for (int i = 0; i < running.size(); i++) {
      cache.trim(running.get(i).blocks(), running.get(i).computed());
    }
    long preemptionsBefore = preemptions;
    continueRunning();
    if (preemptions == preemptionsBefore) {
      admitWaiting();
    }
    return step.isEmpty() ? null : step.build();
  }

  private void continueRunning() {
    // By index: preemption removes from the end of the list while it is walked.
    for (int i = 0; i < running.size() && step.rows() < limits.maxTokensPerStep(); i++) {
      Sequence sequence = running.get(i);
      if (sequence.uncomputed() > 0 && !mayTurn(sequence) && makeRoom(sequence)) {
        // Each that comes after it may need a row of logits.
        compute(sequence, 0, running.size() - i - 1);
      }
    }
  }

  /** Whether the token that is being drawn has all before it turned for another length. */
  private boolean mayTurn(Sequence sequence) {
    return sequence.isDrawing()
        && rotation.outdates(sequence.rotatedLength(), sequence.expectedLength());
  }

  /** Makes room for a token at the expense of later arrivals; false if it was itself the last. */
  private boolean makeRoom(Sequence sequence) {
    while (cache.reachable(sequence.blocks(), 0) <= sequence.computed()) {
      Sequence victim = running.getLast();
      preempt(victim);
      if (victim == sequence) {
        return false;
      }
    }
    return true;
  }

  /**
   * Takes as many tokens of a sequence into the step as the budget and the free blocks allow.
   *
   * @param spare blocks to leave free
   * @param reservedRows rows of logits to leave for others
   */
  private void compute(Sequence sequence, int spare, int reservedRows) {
    long fitting = cache.reachable(sequence.blocks(), spare) - sequence.computed();
    int most = tokensFor(sequence, reservedRows);
    int tokens = (int) Math.min(most, Math.max(1, fitting));
    int end = sequence.computed() + tokens;
    cache.grow(sequence.blocks(), end);
    cache.publish(sequence.blocks(), sequence.chain(cache, rotation), end);
    step.add(sequence, tokens);
  }

  private void admitWaiting() {
    while (!waiting.isEmpty()
        && running.size() < limits.maxRunning()
        && step.rows() < limits.maxTokensPerStep()
        && step.sampledRows() < limits.maxSampledRows()) {
      Sequence sequence = waiting.getFirst();
      if (sequence.isDrawing()) {
        return;
      }
      int spare = running.size();
      SequenceBlocks blocks =
          cache.admit(
              sequence.chain(cache, rotation), sequence.length(), sequence.reusable(), spare);
      if (blocks == null) {
        return;
      }
      waiting.removeFirst();
      sequence.admit(blocks, cache.groups(), freeSlots[--freeSlotCount]);
      countPrefix(sequence);
      running.add(sequence);
      compute(sequence, spare, 0);
    }
  }

  private void countPrefix(Sequence sequence) {
    if (sequence.isAdmittedForTheFirstTime() && !sequence.scoresPrompt()) {
      prefixQueries += sequence.promptLength();
      prefixHits += sequence.cachedPromptTokens();
    }
  }

  /**
   * How many tokens of a sequence the step has room for.
   *
   * @param reservedRows rows of logits to leave for others
   */
  private int tokensFor(Sequence sequence, int reservedRows) {
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
      cache.release(sequence.blocks());
      sequence.restart(cache.open());
    }
  }

  /** Nobody may use what a failed step was to write, nor what was computed from that. */
  public void stepFailed() {
    cache.forgetPrefixes();
  }

  /** Nobody else may use what this sequence has computed. */
  public void distrust(Sequence sequence) {
    if (sequence.state() == Sequence.State.RUNNING) {
      cache.withdraw(sequence.blocks());
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
    int known = Math.min(sequence.computed(), sequence.length());
    cache.publish(sequence.blocks(), sequence.chain(cache, rotation), known);
    cache.release(sequence.blocks());
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
