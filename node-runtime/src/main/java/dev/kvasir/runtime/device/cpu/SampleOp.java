package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.StepPlan;
import dev.kvasir.runtime.scheduler.StepResult;

/** Draws the tokens of a step, a row at a time. */
final class SampleOp {
  private final CpuBuffer logits;
  private final StepPlan.SampledRows rows;
  private final StepResult result;

  SampleOp(CpuBuffer logits, StepPlan.SampledRows rows) {
    int n = rows.count();
    this.logits = logits;
    this.rows = rows;
    this.result = new StepResult(new int[n], new float[n], new int[n][], new float[n][]);
  }

  StepResult result() {
    return result;
  }

  void run(int row) {
    TokenSampler sampler = new TokenSampler(logits.data(), row, logits.columns());
    int best = sampler.best();
    int token = best;
    if (best != StepResult.NOT_A_NUMBER && rows.temperatures()[row] > 0) {
      long key = CounterRandom.key(rows.seeds()[row], rows.outputPositions()[row]);
      token = sampler.draw(best, rows.temperatures()[row], rows.topK()[row], rows.topP()[row], key);
    }
    result.tokens()[row] = token;
    result.logprobs()[row] = Float.NaN;
    if (token != StepResult.NOT_A_NUMBER && rows.topLogprobs()[row] >= 0) {
      logprobs(row, sampler, best, token);
    }
  }

  private void logprobs(int row, TokenSampler sampler, int best, int token) {
    double logOfSum = sampler.logOfSum(best);
    int[] top = sampler.top(rows.topLogprobs()[row]);
    float[] values = new float[top.length];
    for (int i = 0; i < top.length; i++) {
      values[i] = (float) (sampler.logit(top[i]) - logOfSum);
    }
    result.logprobs()[row] = (float) (sampler.logit(token) - logOfSum);
    result.topIds()[row] = top;
    result.topLogprobs()[row] = values;
  }
}
