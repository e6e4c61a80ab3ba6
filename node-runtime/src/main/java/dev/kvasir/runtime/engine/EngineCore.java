package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.grammar.GrammarState;
import dev.kvasir.runtime.kvcache.KvCacheManager;
import dev.kvasir.runtime.scheduler.PlannedStep;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.Scheduler;
import dev.kvasir.runtime.scheduler.SchedulerLimits;
import dev.kvasir.runtime.scheduler.Sequence;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the engine's thread does: plan a step, execute it, take in its tokens, publish them. */
final class EngineCore {
  private static final System.Logger LOG = System.getLogger(EngineCore.class.getName());

  /** Steps that may fail in a row before the engine gives up. */
  private static final int MOST_FAILURES = 3;

  private final StepExecutor executor;
  private final KvCacheManager cache;
  private final Scheduler scheduler;
  private final Runnable onTouched;
  private final List<EngineListener> listeners = new CopyOnWriteArrayList<>();
  private final IdentityHashMap<Sequence, ActiveRequest> requests = new IdentityHashMap<>();
  private long steps;
  private long failedSteps;
  private int failuresInARow;
  private String failure;

  /**
   * @param onTouched hears when a request is first scheduled, or ends before that
   */
  EngineCore(EngineLimits limits, StepExecutor executor, Runnable onTouched) {
    this.executor = executor;
    this.onTouched = onTouched;
    this.cache = new KvCacheManager(limits.pools(), limits.blockSize(), limits.prefixCaching());
    this.scheduler =
        new Scheduler(
            new SchedulerLimits(
                limits.maxNumBatchedTokens(), limits.maxNumSeqs(), limits.sampledRows()),
            cache,
            executor.rotation());
  }

  void addListener(EngineListener listener) {
    listeners.add(listener);
  }

  void accept(ActiveRequest active) {
    requests.put(active.sequence(), active);
    scheduler.submit(active.sequence());
  }

  void cancel(ActiveRequest active) {
    finish(active, FinishReason.ABORT, null);
  }

  boolean hasWork() {
    return scheduler.hasWork();
  }

  /** Why the engine cannot go on; null while it can. */
  String failure() {
    return failure;
  }

  void step() {
    PlannedStep step = scheduler.plan();
    if (step == null) {
      throw new IllegalStateException(
          "%d sequences run and %d wait, but none can be planned"
              .formatted(scheduler.running(), scheduler.waiting()));
    }
    noteScheduled(step);
    fillMasks(step);
    try {
      StepResult result = executor.execute(step.plan()).await();
      failuresInARow = 0;
      steps++;
      publish(step, result);
    } catch (RuntimeException e) {
      fail(step, e);
    }
  }

  private void noteScheduled(PlannedStep step) {
    long now = System.nanoTime();
    for (int i = 0; i < step.sequences().size(); i++) {
      if (requests.get(step.sequences().get(i)).touch(now)) {
        onTouched.run();
      }
    }
  }

  /**
   * Says which tokens the rows' grammars allow. It needs the tokens of the step before and nothing
   * of this one's plan, so a device may do it while the plan is computed, up to sampling.
   */
  private void fillMasks(PlannedStep step) {
    SampledRows rows = step.plan().sampled();
    for (int row = 0; row < rows.count(); row++) {
      ActiveRequest active = requests.get(step.sampled().get(row));
      if (rows.draws(row) && active.grammar() != null) {
        long[] mask = active.grammar().mask(active.sequence().remaining());
        rows.masks()[row] = both(mask, rows.masks()[row]);
      }
    }
  }

  private static long[] both(long[] mask, long[] allowed) {
    for (int word = 0; allowed != null && word < mask.length; word++) {
      mask[word] &= word < allowed.length ? allowed[word] : 0;
    }
    return mask;
  }

  private void publish(PlannedStep step, StepResult result) {
    long now = System.nanoTime();
    SampledRows rows = step.plan().sampled();
    int drawn = 0;
    for (int row = 0; row < rows.count(); row++) {
      ActiveRequest active = requests.get(step.sampled().get(row));
      if (rows.draws(row)) {
        drawn++;
        publish(active, result, row, now);
      } else if (active != null) {
        row = publishPrompt(active, step, result, row);
      }
    }
    finishComputed(step);
    for (EngineListener listener : listeners) {
      listener.onStep(step.plan().rows(), step.promptTokens(), drawn);
    }
  }

  /**
   * Publishes what a sequence's prompt rows gave.
   *
   * @return the last of its rows
   */
  private int publishPrompt(ActiveRequest active, PlannedStep step, StepResult result, int first) {
    SampledRows rows = step.plan().sampled();
    List<GenerationEvent.Token> scored = new ArrayList<>();
    int row = first;
    boolean failed = false;
    for (; isPromptRow(step, row, active); row++) {
      failed |= fails(active, result.tokens()[row]);
      if (!rows.wantsHiddenState(row)) {
        scored.add(event(result, row));
      } else if (!failed) {
        offer(active, new GenerationEvent.HiddenState(result.hiddenStates()[row]));
      }
    }
    if (!failed && !scored.isEmpty()) {
      int[] ranks = Arrays.copyOfRange(result.ranks(), first, first + scored.size());
      offer(active, new GenerationEvent.Prompt(scored, ranks));
    }
    return row - 1;
  }

  private static boolean isPromptRow(PlannedStep step, int row, ActiveRequest active) {
    SampledRows rows = step.plan().sampled();
    return row < rows.count()
        && !rows.draws(row)
        && step.sampled().get(row).equals(active.sequence());
  }

  private void finishComputed(PlannedStep step) {
    for (int i = 0; i < step.sequences().size(); i++) {
      Sequence sequence = step.sequences().get(i);
      if (sequence.isComputed()) {
        ActiveRequest active = requests.get(sequence);
        boolean embedded = active != null && active.request().wantsHiddenState();
        finish(active, embedded ? FinishReason.STOP : FinishReason.LENGTH, null);
      }
    }
  }

  /** Ends a request whose row gave no token. */
  private boolean fails(ActiveRequest active, int token) {
    if (token >= 0) {
      return false;
    }
    String why =
        token == StepResult.NONE_ALLOWED
            ? "no token is allowed after %d tokens: the request's rules bar them all, or the vocabulary can't spell what its grammar wants"
            : "the model's logits are not finite numbers after %d tokens";
    finish(active, FinishReason.ERROR, why.formatted(active.sequence().length()));
    return true;
  }

  /** False where the reader has stalled; that ends the request. */
  private boolean offer(ActiveRequest active, GenerationEvent event) {
    boolean taken = active.stream().offer(event);
    if (!taken) {
      finish(
          active,
          FinishReason.ABORT,
          "the reader fell %d tokens behind".formatted(EngineStream.CAPACITY));
    }
    return taken;
  }

  private void publish(ActiveRequest active, StepResult result, int row, long now) {
    int token = result.tokens()[row];
    if (active == null || fails(active, token)) {
      return;
    }
    scheduler.append(active.sequence(), token);
    active.tokenAt(now);
    if (!offer(active, event(result, row))) {
      return;
    }
    GrammarState grammar = active.grammar();
    if (grammar != null && !grammar.accept(token)) {
      finish(active, FinishReason.ERROR, "token " + token + " was drawn against its grammar");
    } else if (active.request().stopTokenIds().contains(token)
        || (grammar != null && grammar.isOver())) {
      finish(active, FinishReason.STOP, null);
    } else if (active.sequence().reachedMaxTokens()) {
      finish(active, FinishReason.LENGTH, null);
    }
  }

  private static GenerationEvent.Token event(StepResult result, int row) {
    List<GenerationEvent.TokenLogprob> top = List.of();
    if (result.topIds()[row] != null) {
      top = new ArrayList<>();
      for (int i = 0; i < result.topIds()[row].length; i++) {
        top.add(
            new GenerationEvent.TokenLogprob(
                result.topIds()[row][i], result.topLogprobs()[row][i]));
      }
    }
    return new GenerationEvent.Token(result.tokens()[row], result.logprobs()[row], top);
  }

  private void fail(PlannedStep step, RuntimeException e) {
    failedSteps++;
    failuresInARow++;
    LOG.log(
        System.Logger.Level.ERROR,
        "a step of " + step.sequences().size() + " sequences failed; they end with an error",
        e);
    step.sequences().forEach(scheduler::stepFailed);
    String message = "a step failed: " + e.getMessage();
    for (Sequence sequence : step.sequences()) {
      finish(requests.get(sequence), FinishReason.ERROR, message);
    }
    if (failuresInARow >= MOST_FAILURES) {
      failure = "%d steps in a row failed, the last: %s".formatted(failuresInARow, e);
    }
  }

  /** Ends a request, unless it has ended: its blocks are free afterwards. */
  private void finish(ActiveRequest active, FinishReason reason, String message) {
    if (active == null || requests.remove(active.sequence()) == null) {
      return;
    }
    scheduler.finish(active.sequence());
    if (active.touch(System.nanoTime())) {
      active.neverScheduled();
      onTouched.run();
    }
    active.stream().finish(reason, message);
    for (EngineListener listener : listeners) {
      listener.onFinished(active.report(reason));
    }
  }

  void endAll(FinishReason reason, String message) {
    for (ActiveRequest active : List.copyOf(requests.values())) {
      finish(active, reason, message);
    }
  }

  EngineStats stats() {
    return new EngineStats(
        scheduler.running(),
        scheduler.waiting(),
        scheduler.waitingTokens(),
        scheduler.computedTokens(),
        cache.freeBlocks(),
        cache.cachedBlocks(),
        cache.usedBlocks(),
        cache.usage(),
        scheduler.preemptions(),
        scheduler.prefixQueries(),
        scheduler.prefixHits(),
        steps,
        0,
        failedSteps,
        failure);
  }

  void checkIntegrity() {
    scheduler.checkIntegrity();
  }
}
