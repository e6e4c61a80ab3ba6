package dev.kvasir.runtime.device.cpu;

import java.util.Arrays;

/**
 * The tokens that min-p, top-k and top-p keep: those down to a last one, in order of falling logit,
 * lower ids first. The last one is found by adding up weights in buckets and looking on in the
 * bucket that it must be in, so that no vocabulary is ever sorted. One thread's; used again for row
 * after row.
 */
final class TokenCutoff {
  private static final int BUCKETS = 1024;

  /** So few tokens are sorted. */
  private static final int FEW = 32;

  /** Tokens less likely than the likeliest by a factor of e^40 have no weight. */
  private static final double REACH = 40;

  private static final int NONE = -1;

  private final double[] sums = new double[BUCKETS];
  private float[] logits;
  private int from;
  private double least;
  private int last;

  /** The candidates and what they weigh. */
  private int[] ids = {};

  private double[] weights = {};
  private int size;

  boolean contains(int id) {
    float logit = logits[from + id];
    return logit >= least && (last == NONE || id == last || precedesLast(logit, id));
  }

  private boolean precedesLast(float logit, int id) {
    float lasts = logits[from + last];
    return logit > lasts || (logit == lasts && id < last);
  }

  /**
   * Of the tokens at least {@code minP} times as likely as the best keeps the k most likely, then
   * of those the fewest whose probabilities sum to topP of theirs.
   */
  void keep(
      float[] logits,
      int from,
      int vocabulary,
      int best,
      float temperature,
      int topK,
      double topP,
      double minP) {
    this.logits = logits;
    this.from = from;
    last = NONE;
    double max = logits[from + best];
    least = minP == 0 ? -Float.MAX_VALUE : max + Math.log(minP) * temperature;
    if (topK > 0 && topK < vocabulary) {
      collect(vocabulary, least);
      Arrays.fill(weights, 0, size, 1);
      last = topK < size ? lastAt(topK) : NONE;
    }
    if (topP < 1) {
      collect(vocabulary, Math.max(least, max - REACH * temperature));
      last = lastAt(topP * weigh(max, temperature));
    }
  }

  /** The ids that are kept so far and reach a logit, rising. */
  private void collect(int vocabulary, double reached) {
    if (ids.length < vocabulary) {
      ids = new int[vocabulary];
      weights = new double[vocabulary];
    }
    size = 0;
    for (int id = 0; id < vocabulary; id++) {
      if (logits[from + id] >= reached && contains(id)) {
        ids[size++] = id;
      }
    }
  }

  /** Weighs the candidates in units of the likeliest token; returns their sum. */
  private double weigh(double max, float temperature) {
    double inverse = 1.0 / temperature;
    double sum = 0;
    for (int i = 0; i < size; i++) {
      weights[i] = Math.exp((logits[from + ids[i]] - max) * inverse);
      sum += weights[i];
    }
    return sum;
  }

  /** The candidate, in order of falling logit, at which their weights reach a sum. */
  private int lastAt(double wanted) {
    double missing = wanted;
    while (size > FEW) {
      float high = highest();
      float low = lowest();
      if (low == high) {
        break;
      }
      double perBucket = BUCKETS / ((double) high - low);
      Arrays.fill(sums, 0);
      for (int i = 0; i < size; i++) {
        sums[bucket(i, high, perBucket)] += weights[i];
      }
      int bucket = 0;
      int chosen = 0;
      double before = 0;
      double sum = 0;
      for (; bucket < BUCKETS && sum < missing; bucket++) {
        if (sums[bucket] > 0) {
          chosen = bucket;
          before = sum;
          sum += sums[bucket];
        }
      }
      missing -= before;
      retain(chosen, high, perBucket);
    }
    sort();
    return walk(missing);
  }

  private float highest() {
    float high = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      high = Math.max(high, logits[from + ids[i]]);
    }
    return high;
  }

  private float lowest() {
    float low = Float.POSITIVE_INFINITY;
    for (int i = 0; i < size; i++) {
      low = Math.min(low, logits[from + ids[i]]);
    }
    return low;
  }

  private int bucket(int candidate, float high, double perBucket) {
    double depth = (double) high - logits[from + ids[candidate]];
    return (int) Math.min(BUCKETS - 1, depth * perBucket);
  }

  /** Only the bucket's candidates are left. The likeliest and the least are never in one. */
  private void retain(int bucket, float high, double perBucket) {
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (bucket(i, high, perBucket) == bucket) {
        ids[kept] = ids[i];
        weights[kept++] = weights[i];
      }
    }
    size = kept;
  }

  /** They are few, or of one logit and so in order already. */
  private void sort() {
    for (int i = 1; i < size; i++) {
      int id = ids[i];
      double weight = weights[i];
      int place = i;
      for (; place > 0 && logits[from + ids[place - 1]] < logits[from + id]; place--) {
        ids[place] = ids[place - 1];
        weights[place] = weights[place - 1];
      }
      ids[place] = id;
      weights[place] = weight;
    }
  }

  private int walk(double missing) {
    double sum = weights[0];
    int i = 0;
    while (i + 1 < size && sum < missing) {
      sum += weights[++i];
    }
    return ids[i];
  }
}
