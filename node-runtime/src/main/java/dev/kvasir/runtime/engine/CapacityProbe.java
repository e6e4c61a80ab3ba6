package dev.kvasir.runtime.engine;

import dev.kvasir.runtime.device.DeviceException;
import dev.kvasir.runtime.scheduler.StepPlan;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Measures what the engine can do while it would be idle: prompts with the largest chunk, output
 * with the largest batch that a step may have. It goes on in rounds of a third of a second, with
 * rests in which code is compiled, until they get no better: with compiled code that is the third.
 * A request that arrives waits for one step at most. Keys and values come from one block and thus
 * from a cache, so long contexts are slower than this says; what is seen under load corrects it.
 */
final class CapacityProbe {
  private static final System.Logger LOG = System.getLogger(CapacityProbe.class.getName());

  /** Tokens of a sequence that generates. */
  private static final int CONTEXT = 256;

  private static final int FIRST_CHUNK = 16;
  private static final long PROMPT_NANOS = 150_000_000L;
  private static final long OUTPUT_NANOS = 200_000_000L;
  private static final long REST_NANOS = 1_000_000_000L;
  private static final int MOST_ROUNDS = 10;

  /** A round that is better by no more than this is as good as those before. */
  private static final double BETTER = 1.1;

  /** So many rounds that are no better show that nothing is left to compile. */
  private static final int ENOUGH = 2;

  private final StepExecutor executor;
  private final LongSupplier nanoTime;
  private final PaddingSteps steps;
  private final int context;
  private final int chunk;
  private final int sequences;
  private GrowingStep prompt;
  private GrowingStep output;
  private Rate bestPrompt = Rate.UNKNOWN;
  private Rate bestOutput = Rate.UNKNOWN;
  private int rounds;
  private int noBetter;
  private long restsUntil;
  private boolean done;

  /**
   * A rate that was found.
   *
   * @param how for people
   */
  private record Rate(double perSecond, String how) {
    static final Rate UNKNOWN = new Rate(0, "");

    Rate or(Rate other) {
      return other.perSecond > perSecond ? other : this;
    }
  }

  CapacityProbe(EngineLimits limits, StepExecutor executor, LongSupplier nanoTime) {
    this.executor = executor;
    this.nanoTime = nanoTime;
    this.steps = new PaddingSteps(limits);
    this.context = Math.min(CONTEXT, limits.maxModelLen());
    this.chunk = Math.min(limits.maxNumBatchedTokens(), limits.maxModelLen());
    this.sequences = mostSequences(limits, context);
    begin(FIRST_CHUNK, 1);
  }

  /** As many as may run, and as the KV cache holds. */
  private static int mostSequences(EngineLimits limits, int context) {
    int fit = limits.numBlocks() / Math.ceilDiv(context, limits.blockSize());
    return Math.clamp(fit, 1, Math.min(limits.maxNumSeqs(), limits.maxNumBatchedTokens()));
  }

  private void begin(int rows, int batch) {
    prompt = new GrowingStep(rows, chunk, PROMPT_NANOS);
    output = new GrowingStep(batch, sequences, OUTPUT_NANOS);
  }

  boolean isDone() {
    return done;
  }

  /** How long it wants to be left alone; 0 or less when it would go on. */
  long restNanos() {
    return rounds == 0 ? 0 : restsUntil - nanoTime.getAsLong();
  }

  void step() {
    GrowingStep next = prompt.isDone() ? output : prompt;
    try {
      StepPlan plan =
          next == prompt ? steps.prompt(next.size()) : steps.decode(next.size(), context);
      long start = nanoTime.getAsLong();
      executor.execute(plan, false).await();
      next.took(Math.max(1, nanoTime.getAsLong() - start));
    } catch (DeviceException e) {
      giveUp(e);
    }
    if (prompt.isDone() && output.isDone()) {
      endRound();
    }
  }

  /** A device that is lost stops the engine; everything else is only no measure. */
  private void giveUp(DeviceException e) {
    if (e.isLost()) {
      throw e;
    }
    bestPrompt = Rate.UNKNOWN;
    done = true;
    LOG.log(System.Logger.Level.WARNING, "what this replica can do was not measured", e);
  }

  private void endRound() {
    rounds++;
    Rate promptNow = new Rate(prompt.point().perSecond(), "steps of " + prompt.point().size());
    boolean better = promptNow.perSecond > BETTER * bestPrompt.perSecond;
    bestPrompt = bestPrompt.or(promptNow);
    Rate outputNow = outputNow();
    better |= outputNow.perSecond > BETTER * bestOutput.perSecond;
    bestOutput = bestOutput.or(outputNow);
    noBetter = better ? 0 : noBetter + 1;
    done = noBetter == ENOUGH || rounds == MOST_ROUNDS;
    restsUntil = nanoTime.getAsLong() + REST_NANOS;
    begin(prompt.point().size(), output.point().size());
  }

  private Rate outputNow() {
    GrowingStep.Point point = output.point();
    String batch = "%d sequences of %d tokens".formatted(sequences, context);
    if (output.reachedMost()) {
      return new Rate(point.perSecond(), batch);
    }
    // An output token costs no less than one of a prompt.
    double most = Math.min(bestPrompt.perSecond, sequences * 1e9 / output.nanosAtMost());
    return new Rate(
        Math.max(point.perSecond(), most),
        batch + ", extrapolated from batches of up to " + point.size());
  }

  /** Empty where it could not be found out. */
  Optional<MeasuredCapacity> result() {
    return bestPrompt.perSecond == 0
        ? Optional.empty()
        : Optional.of(
            new MeasuredCapacity(
                bestPrompt.perSecond,
                bestOutput.perSecond,
                String.format(
                    Locale.ROOT,
                    "this replica computes %.0f prompt tokens a second (%s) and %.0f output tokens"
                        + " (%s)",
                    bestPrompt.perSecond,
                    bestPrompt.how,
                    bestOutput.perSecond,
                    bestOutput.how)));
  }
}
