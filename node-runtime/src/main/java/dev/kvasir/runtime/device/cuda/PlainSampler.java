package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.IntStream;

/** What the sampler must give, by sorting every row: for the check alone. */
final class PlainSampler {
  private final SampledRows rows;
  private final float[] logits;
  private final int vocabulary;
  private final StepResult result;

  PlainSampler(SampledRows rows, float[] logits, int vocabulary) {
    this.rows = rows;
    this.logits = logits;
    this.vocabulary = vocabulary;
    this.result = StepResult.ofRows(rows.count());
  }

  StepResult run() {
    IntStream.range(0, rows.count()).parallel().forEach(this::row);
    return result;
  }

  private void row(int row) {
    float[] raw = Arrays.copyOfRange(logits, row * vocabulary, (row + 1) * vocabulary);
    int token = rows.targets()[row];
    for (float logit : raw) {
      if (!Float.isFinite(logit)) {
        result.tokens()[row] = StepResult.NOT_A_NUMBER;
        return;
      }
    }
    if (rows.draws(row)) {
      token = draw(row, adjusted(row, raw.clone()));
    }
    result.tokens()[row] = token;
    if (token >= 0 && rows.topLogprobs()[row] >= 0) {
      score(row, raw, token);
    }
  }

  /** Ids by falling logit, lower ones first. */
  private static int[] order(float[] values) {
    long[] keys = new long[values.length];
    for (int id = 0; id < values.length; id++) {
      int bits = Float.floatToRawIntBits(values[id] == 0 ? 0f : values[id]);
      long rising = bits < 0 ? ~bits : bits ^ Integer.MIN_VALUE;
      keys[id] = (~rising & 0xffffffffL) << 31 | id;
    }
    Arrays.sort(keys);
    return Arrays.stream(keys).mapToInt(key -> (int) (key & Integer.MAX_VALUE)).toArray();
  }

  private float[] adjusted(int row, float[] values) {
    long[] mask = rows.masks()[row];
    BitSet allowed = mask == null ? null : BitSet.valueOf(mask);
    for (int id = 0; id < values.length && allowed != null; id++) {
      values[id] = allowed.get(id) ? values[id] : Float.NEGATIVE_INFINITY;
    }
    int[] barred = rows.barred()[row];
    boolean barring = barred != null;
    if (barring && allowed != null) {
      for (int id : barred) {
        allowed.clear(id);
      }
      barring = !allowed.isEmpty();
    }
    for (int i = 0; barring && i < barred.length; i++) {
      values[barred[i]] = Float.NEGATIVE_INFINITY;
    }
    int[] biased = rows.biasedIds()[row];
    for (int i = 0; biased != null && i < biased.length; i++) {
      values[biased[i]] += rows.biases()[row][i];
    }
    if (rows.hasPenalties(row)) {
      penalize(row, values);
    }
    return values;
  }

  private void penalize(int row, float[] values) {
    Map<Integer, Integer> times = new HashMap<>();
    int[] history = rows.histories()[row];
    for (int i = 0; i < history.length; i++) {
      times.merge(history[i], i < rows.promptLengths()[row] ? 0 : 1, Integer::sum);
    }
    float repetition = rows.repetitionPenalties()[row];
    times.forEach((id, count) -> {
      values[id] = values[id] > 0 ? values[id] / repetition : values[id] * repetition;
      if (count > 0) {
        values[id] -= rows.frequencyPenalties()[row] * count;
        values[id] -= rows.presencePenalties()[row];
      }
    });
  }

  private int draw(int row, float[] values) {
    int[] order = order(values);
    if (values[order[0]] == Float.NEGATIVE_INFINITY) {
      return StepResult.NONE_ALLOWED;
    }
    double temperature = rows.temperatures()[row];
    if (temperature == 0) {
      return order[0];
    }
    int kept = kept(row, order, values, temperature);
    long key = CounterRandom.key(rows.seeds()[row], rows.outputPositions()[row]);
    int drawn = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < kept; i++) {
      int id = order[i];
      double noise = -Math.log(-Math.log(CounterRandom.uniform(key, id)));
      double value = values[id] * (1.0 / temperature) + noise;
      if (value > highest || (value == highest && id < drawn)) {
        highest = value;
        drawn = id;
      }
    }
    return drawn;
  }

  private int kept(int row, int[] order, float[] values, double temperature) {
    double max = values[order[0]];
    double minP = rows.minP()[row];
    double least = minP == 0 ? -Float.MAX_VALUE : max + Math.log(minP) * temperature;
    int k = 0;
    while (k < order.length && values[order[k]] >= least) {
      k++;
    }
    k = rows.topK()[row] == 0 ? k : Math.min(rows.topK()[row], k);
    double mass = 0;
    for (int i = 0; i < k; i++) {
      mass += Math.exp((values[order[i]] - max) / temperature);
    }
    double sum = 0;
    int kept = 0;
    while (kept < k && (rows.topP()[row] >= 1 || sum < rows.topP()[row] * mass)) {
      sum += Math.exp((values[order[kept++]] - max) / temperature);
    }
    return kept;
  }

  private void score(int row, float[] raw, int token) {
    int[] order = order(raw);
    double max = raw[order[0]];
    double sum = 0;
    int above = 0;
    for (float logit : raw) {
      sum += Math.exp(logit - max);
      above += logit > raw[token] ? 1 : 0;
    }
    double logOfSum = max + Math.log(sum);
    int[] top = Arrays.copyOf(order, Math.min(rows.topLogprobs()[row], vocabulary));
    float[] logprobs = new float[top.length];
    for (int i = 0; i < top.length; i++) {
      logprobs[i] = (float) (raw[top[i]] - logOfSum);
    }
    result.logprobs()[row] = (float) (raw[token] - logOfSum);
    result.ranks()[row] = rows.draws(row) ? 0 : above + 1;
    result.topIds()[row] = top;
    result.topLogprobs()[row] = logprobs;
  }
}
