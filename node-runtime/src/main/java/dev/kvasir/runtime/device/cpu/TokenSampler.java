package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.StepResult;

/**
 * Draws a token from one row of logits. Random draws add Gumbel noise, a function of key and token
 * id, to the scaled logits and take the largest: no order of summation, so the same on every
 * device. Ties go to the lowest id.
 */
final class TokenSampler {
  private static final double JUST_UNDER_LOG2_E = 1.4426;

  /** What is e^40 times less likely than the best adds nothing to the sum. */
  private static final float NO_WEIGHT = 40;

  private float[] logits = {};
  private int from;
  private int vocabulary;

  /** To be laid over a row. */
  TokenSampler() {}

  TokenSampler(float[] logits, int row, int vocabulary) {
    over(logits, row, vocabulary);
  }

  /** Goes over to another row. */
  TokenSampler over(float[] logits, int row, int vocabulary) {
    this.logits = logits;
    this.from = row * vocabulary;
    this.vocabulary = vocabulary;
    return this;
  }

  /** The most likely token, or {@link StepResult#NOT_A_NUMBER}. */
  int best() {
    int best = 0;
    for (int id = 0; id < vocabulary; id++) {
      float logit = logits[from + id];
      if (!(Math.abs(logit) <= Float.MAX_VALUE)) {
        return StepResult.NOT_A_NUMBER;
      }
      if (logit > logits[from + best]) {
        best = id;
      }
    }
    return best;
  }

  /** The most likely token of adjusted logits, or why there is none. */
  int bestAllowed() {
    int best = 0;
    for (int id = 0; id < vocabulary; id++) {
      float logit = logits[from + id];
      if (!(logit <= Float.MAX_VALUE)) {
        return StepResult.NOT_A_NUMBER;
      }
      if (logit > logits[from + best]) {
        best = id;
      }
    }
    return logits[from + best] == Float.NEGATIVE_INFINITY ? StepResult.NONE_ALLOWED : best;
  }

  /** Says which tokens min-p, top-k and top-p leave. */
  void keep(TokenCutoff kept, int best, float temperature, int topK, double topP, double minP) {
    kept.keep(logits, from, vocabulary, best, temperature, topK, topP, minP);
  }

  int draw(int best, float temperature, TokenCutoff kept, long key) {
    double inverse = 1.0 / temperature;
    int drawn = best;
    double highest = noisy(best, inverse, key);
    for (int id = 0; id < vocabulary; id++) {
      if (mayReach(highest - logits[from + id] * inverse, key, id) && kept.contains(id)) {
        double value = noisy(id, inverse, key);
        if (value > highest || (value == highest && id < drawn)) {
          highest = value;
          drawn = id;
        }
      }
    }
    return drawn;
  }

  /**
   * Whether a token's noise may be as large as {@code distance}: spares most tokens the logarithms.
   * Noise of a number u is at least d only if 1 - u is at most e^-d, which needs as many leading
   * zeros in 1 - u as d has factors of 2.
   */
  private static boolean mayReach(double distance, long key, int id) {
    int zeros = (int) (distance * JUST_UNDER_LOG2_E);
    if (zeros <= 0) {
      return true;
    }
    return zeros <= Integer.SIZE && ~CounterRandom.bits(key, id) >>> (Integer.SIZE - zeros) == 0;
  }

  private double noisy(int id, double inverseTemperature, long key) {
    double noise = -Math.log(-Math.log(CounterRandom.uniform(key, id)));
    return logits[from + id] * inverseTemperature + noise;
  }

  /** What to subtract from a logit to get its log-probability. */
  double logOfSum(int best) {
    double max = logits[from + best];
    double sum = 0;
    for (int id = 0; id < vocabulary; id++) {
      double distance = max - logits[from + id];
      sum += distance > NO_WEIGHT ? 0 : Math.exp(-distance);
    }
    return max + Math.log(sum);
  }

  /** 1 for the most likely token; those of the same logit share a rank. */
  int rank(int token) {
    int rank = 1;
    float logit = logit(token);
    for (int id = 0; id < vocabulary; id++) {
      rank += logits[from + id] > logit ? 1 : 0;
    }
    return rank;
  }

  float logit(int id) {
    return logits[from + id];
  }

  /** The ids of the n largest logits, best first. */
  int[] top(int n) {
    int[] ids = new int[Math.min(n, vocabulary)];
    int count = 0;
    for (int id = 0; id < vocabulary; id++) {
      float logit = logits[from + id];
      if (count < ids.length) {
        count++;
      } else if (count == 0 || logit <= logit(ids[count - 1])) {
        continue;
      }
      int place = count - 1;
      for (; place > 0 && logit > logit(ids[place - 1]); place--) {
        ids[place] = ids[place - 1];
      }
      ids[place] = id;
    }
    return ids;
  }
}
