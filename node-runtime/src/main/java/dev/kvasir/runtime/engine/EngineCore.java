package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.DeviceException;
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
  private final RowRules rules = new RowRules(requests);

  /** On a device of depth 2: launched, and its tokens are not known. */
  private LaunchedStep inFlight;

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
    return scheduler.hasWork() || inFlight != null;
  }

  /** Why the engine cannot go on; null while it can. */
  String failure() {
    return failure;
  }

  /**
   * Launches the next step, then takes in the tokens of the one before it. On a device of depth 1
   * that is the same one.
   */
  void step() {
    LaunchedStep before = inFlight;
    inFlight = launchNext();
    if (executor.depth() == 1) {
      before = inFlight;
      inFlight = null;
    }
    if (before != null) {
      takeIn(before);
    }
    if (inFlight != null && inFlight.waits()) {
      drawNow(inFlight);
    }
  }

  /** Null where nothing can be planned before the step in flight has ended, or launching failed. */
  private LaunchedStep launchNext() {
    PlannedStep step = scheduler.plan();
    if (step == null && inFlight == null) {
      throw new IllegalStateException(
          "%d sequences run and %d wait, but none can be planned"
              .formatted(scheduler.running(), scheduler.waiting()));
    }
    if (step == null) {
      return null;
    }
    noteScheduled(step);
    try {
      boolean waits = inFlight != null && rules.concern(step);
      if (!waits) {
        rules.fill(step);
      }
      return new LaunchedStep(step, executor.execute(step.plan(), waits), waits);
    } catch (RuntimeException e) {
      fail(step, e);
      return null;
    }
  }

  private void drawNow(LaunchedStep step) {
    try {
      rules.fill(step.planned());
      step.handle().draw();
    } catch (RuntimeException e) {
      inFlight = null;
      fail(step.planned(), e);
    }
  }

  private void takeIn(LaunchedStep step) {
    try {
      StepResult result = step.handle().await();
      failuresInARow = 0;
      steps++;
      publish(step.planned(), result);
    } catch (RuntimeException e) {
      fail(step.planned(), e);
      abandonInFlight("the step before failed: " + e.getMessage());
    }
  }

  /** What comes after a failed step was computed from what that one was to write. */
  private void abandonInFlight(String why) {
    LaunchedStep step = inFlight;
    inFlight = null;
    if (step == null) {
      return;
    }
    endAll(step.planned(), why);
    if (!step.waits() && failure == null) {
      awaitEnd(step);
    }
  }

  private static void awaitEnd(LaunchedStep step) {
    try {
      step.handle().await();
    } catch (RuntimeException e) {
      LOG.log(System.Logger.Level.DEBUG, "a step that was given up failed too", e);
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

  private void publish(PlannedStep step, StepResult result) {
    long now = System.nanoTime();
    SampledRows rows = step.plan().sampled();
    int drawn = 0;
    for (int row = 0; row < rows.count(); row++) {
      ActiveRequest active = requests.get(step.sampled().get(row));
      if (rows.draws(row)) {
        drawn += publish(active, result, row, now) ? 1 : 0;
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
      if (sequence.isWholeAt(step.plan().sequenceLengths()[i])) {
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
    if (token == StepResult.NOT_A_NUMBER) {
      scheduler.distrust(active.sequence());
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

  /** False where nobody gets the token: the request has ended, or its row gave none. */
  private boolean publish(ActiveRequest active, StepResult result, int row, long now) {
    int token = result.tokens()[row];
    if (active == null || fails(active, token)) {
      return false;
    }
    scheduler.append(active.sequence(), token);
    active.tokenAt(now);
    if (!offer(active, event(result, row))) {
      return false;
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
    return true;
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
    scheduler.stepFailed();
    endAll(step, "a step failed: " + e.getMessage());
    if (e instanceof DeviceException lost && lost.isLost()) {
      failure =
          "%s (in a step of %d rows of %d sequences)"
              .formatted(lost.getMessage(), step.plan().rows(), step.sequences().size());
      return;
    }
    LOG.log(
        System.Logger.Level.ERROR,
        "a step of " + step.sequences().size() + " sequences failed; they end with an error",
        e);
    if (failuresInARow >= MOST_FAILURES) {
      failure = "%d steps in a row failed, the last: %s".formatted(failuresInARow, e);
    }
  }

  private void endAll(PlannedStep step, String error) {
    for (int i = 0; i < step.sequences().size(); i++) {
      finish(requests.get(step.sequences().get(i)), FinishReason.ERROR, error);
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

  /** Tells the listeners that nothing will happen any more. */
  void tellFailed(String why) {
    for (EngineListener listener : listeners) {
      listener.onFailed(why);
    }
  }

  /** Ends all requests; afterwards nothing is in flight. */
  void endAll(FinishReason reason, String message) {
    if (inFlight != null && !inFlight.waits() && failure == null) {
      awaitEnd(inFlight);
    }
    inFlight = null;
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
