package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.Arrays;

/** Draws the tokens of a step, or scores known ones, a row at a time. */
final class SampleOp {
  private final LogitAdjuster adjuster = new LogitAdjuster();
  private final float[][] adjusted;
  private final TokenCutoff[] cutoffs;
  private final TokenSampler[] raws;
  private final TokenSampler[] samplers;

  /** Of this step and the one before, whose tokens may still be read. */
  private final StepResult[] results = {StepResult.ofRows(0), StepResult.ofRows(0)};

  private CpuBuffer hidden;
  private CpuBuffer logits;
  private SampledRows rows;
  private int current;

  SampleOp(int threads) {
    this.adjusted = new float[threads][0];
    this.cutoffs = new TokenCutoff[threads];
    this.raws = new TokenSampler[threads];
    this.samplers = new TokenSampler[threads];
    Arrays.setAll(cutoffs, worker -> new TokenCutoff());
    Arrays.setAll(raws, worker -> new TokenSampler());
    Arrays.setAll(samplers, worker -> new TokenSampler());
  }

  /** Of a thread: changed logits, and ids and weights for a cutoff. */
  static long scratchBytes(int vocabularySize) {
    return (Float.BYTES + Integer.BYTES + Double.BYTES) * (long) vocabularySize;
  }

  /**
   * @param hidden normed last hidden states, of which some rows want a copy
   */
  void begin(CpuBuffer hidden, CpuBuffer logits, SampledRows rows) {
    this.hidden = hidden;
    this.logits = logits;
    this.rows = rows;
    current = 1 - current;
    if (results[current].tokens().length != rows.count()) {
      results[current] = StepResult.ofRows(rows.count());
    }
    adjuster.begin(rows);
  }

  /** Written over by the step after next. */
  StepResult result() {
    return results[current];
  }

  void run(int worker, int row) {
    StepResult result = results[current];
    result.clear(row);
    if (rows.wantsHiddenState(row)) {
      copyHiddenState(row);
      return;
    }
    TokenSampler raw = raws[worker].over(logits.data(), row, logits.columns());
    int best = raw.best();
    int token = best;
    if (best != StepResult.NOT_A_NUMBER) {
      token = rows.draws(row) ? next(worker, row, raw, best) : rows.targets()[row];
    }
    result.tokens()[row] = token;
    if (token >= 0 && rows.topLogprobs()[row] >= 0) {
      logprobs(row, raw, best, token);
    }
  }

  private void copyHiddenState(int row) {
    int columns = hidden.columns();
    float[] state = new float[columns];
    System.arraycopy(hidden.data(), row * columns, state, 0, columns);
    float sum = 0;
    for (float value : state) {
      sum += value * 0;
    }
    result().tokens()[row] = sum == 0 ? 0 : StepResult.NOT_A_NUMBER;
    result().hiddenStates()[row] = state;
  }

  private int next(int worker, int row, TokenSampler raw, int best) {
    if (!rows.adjusts(row)) {
      return draw(worker, row, raw, best);
    }
    float[] copy = copy(worker, row);
    adjuster.adjust(rows, row, copy);
    TokenSampler sampler = samplers[worker].over(copy, 0, copy.length);
    int allowed = sampler.bestAllowed();
    if (allowed < 0) {
      return allowed;
    }
    int token = draw(worker, row, sampler, allowed);
    adjuster.drawn(rows, row, token);
    return token;
  }

  private int draw(int worker, int row, TokenSampler sampler, int best) {
    float temperature = rows.temperatures()[row];
    if (temperature == 0) {
      return best;
    }
    long key = CounterRandom.key(rows.seeds()[row], rows.outputPositions()[row]);
    TokenCutoff kept = cutoffs[worker];
    sampler.keep(kept, best, temperature, rows.topK()[row], rows.topP()[row], rows.minP()[row]);
    return sampler.draw(best, temperature, kept, key);
  }

  private float[] copy(int worker, int row) {
    int columns = logits.columns();
    if (adjusted[worker].length != columns) {
      adjusted[worker] = new float[columns];
    }
    System.arraycopy(logits.data(), row * columns, adjusted[worker], 0, columns);
    return adjusted[worker];
  }

  private void logprobs(int row, TokenSampler sampler, int best, int token) {
    double logOfSum = sampler.logOfSum(best);
    int[] top = sampler.top(rows.topLogprobs()[row]);
    float[] values = new float[top.length];
    for (int i = 0; i < top.length; i++) {
      values[i] = (float) (sampler.logit(top[i]) - logOfSum);
    }
    StepResult result = results[current];
    result.logprobs()[row] = (float) (sampler.logit(token) - logOfSum);
    result.ranks()[row] = rows.draws(row) ? 0 : sampler.rank(token);
    result.topIds()[row] = top;
    result.topLogprobs()[row] = values;
  }
}
