package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.StepResult;

/**
 * Draws a token from one row of logits. Random draws add Gumbel noise, a function of key and token
 * id, to the scaled logits and take the largest: no order of summation, so the same on every
 * device. Ties go to the lowest id.
 */
final class TokenSampler {
  /** No noise is larger: uniform() stays 2^-33 below 1. */
  private static final double LARGEST_NOISE = 23;

  private final float[] logits;
  private final int from;
  private final int vocabulary;

  TokenSampler(float[] logits, int row, int vocabulary) {
    this.logits = logits;
    this.from = row * vocabulary;
    this.vocabulary = vocabulary;
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

  TokenOrder keep(int best, float temperature, int topK, double topP, double minP) {
    double least =
        minP == 0 ? Double.NEGATIVE_INFINITY : logits[from + best] + Math.log(minP) * temperature;
    return TokenOrder.keep(logits, from, vocabulary, temperature, topK, topP, least);
  }

  int draw(int best, float temperature, TokenOrder kept, long key) {
    double inverse = 1.0 / temperature;
    int drawn = best;
    double highest = noisy(best, inverse, key);
    for (int id = 0; id < vocabulary; id++) {
      // Most tokens cannot win whatever their noise.
      if (logits[from + id] * inverse + LARGEST_NOISE >= highest && kept.contains(id)) {
        double value = noisy(id, inverse, key);
        if (value > highest || (value == highest && id < drawn)) {
          highest = value;
          drawn = id;
        }
      }
    }
    return drawn;
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
      sum += Math.exp(logits[from + id] - max);
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
