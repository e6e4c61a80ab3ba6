package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class SampleOpTest {
  private static final int VOCABULARY = 90;

  @Test
  void rowsDrawWhatAPlainSamplerDraws() {
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      SampleOp op = new SampleOp(2);
      PlainRow[] slots = new PlainRow[4];
      for (int step = 0; step < 12; step++) {
        List<PlainRow> batch = new ArrayList<>();
        for (int slot = 0; slot < slots.length; slot++) {
          boolean leaves = random.nextInt(5) == 0;
          slots[slot] = slots[slot] == null || leaves ? new PlainRow(slot, random) : slots[slot];
          if (random.nextInt(4) != 0) {
            batch.add(slots[slot]);
          }
        }
        if (!batch.isEmpty()) {
          check(op, batch, random, "seed " + seed + " step " + step);
        }
      }
    }
  }

  private static void check(
      SampleOp op, List<PlainRow> batch, SplittableRandom random, String message) {
    CpuBuffer logits = new CpuBuffer(batch.size(), VOCABULARY);
    SampledRows rows = SampledRows.greedy(new int[batch.size()]);
    for (int i = 0; i < batch.size(); i++) {
      for (int id = 0; id < VOCABULARY; id++) {
        logits.data()[i * VOCABULARY + id] = (float) (random.nextGaussian() * 3);
      }
      batch.get(i).describe(rows, i);
    }
    float[] before = logits.data().clone();
    StepResult result = run(op, logits, rows);
    assertArrayEquals(before, logits.data(), "logits are others' to read, " + message);
    for (int i = 0; i < batch.size(); i++) {
      float[] row = Arrays.copyOfRange(before, i * VOCABULARY, (i + 1) * VOCABULARY);
      assertEquals(batch.get(i).next(row), result.tokens()[i], message + " row " + i);
    }
  }

  private static StepResult run(SampleOp op, CpuBuffer logits, SampledRows rows) {
    op.begin(new CpuBuffer(rows.count(), 3), logits, rows);
    for (int row = rows.count() - 1; row >= 0; row--) {
      op.run(row % 2, row);
    }
    return op.result();
  }

  /** A sequence and vLLM's formulas in the plainest form. */
  private static final class PlainRow {
    final int slot;
    final List<Integer> prompt = new ArrayList<>();
    final List<Integer> output = new ArrayList<>();
    final boolean plain;
    final float repetition;
    final float presence;
    final float frequency;
    final float temperature;
    final int topK;
    final double topP;
    final double minP;
    final long seed;
    final int[] biased;
    final float[] biases;
    final int barredId;
    final long[] mask;
    boolean known;

    PlainRow(int slot, SplittableRandom random) {
      this.slot = slot;
      random.ints(random.nextInt(1, 150), 0, VOCABULARY).forEach(prompt::add);
      random.ints(random.nextInt(0, 8), 0, VOCABULARY).forEach(output::add);
      plain = random.nextInt(4) == 0;
      repetition = (float) random.nextDouble(0.5, 2);
      presence = (float) random.nextDouble(-2, 2);
      frequency = (float) random.nextDouble(-2, 2);
      temperature = random.nextInt(4) == 0 ? 0 : (float) random.nextDouble(0.2, 2);
      topK = random.nextBoolean() ? 0 : random.nextInt(1, 40);
      topP = random.nextBoolean() ? 1 : random.nextDouble(0.1, 1);
      minP = random.nextBoolean() ? 0 : random.nextDouble(0.01, 0.4);
      seed = random.nextLong();
      biased = random.ints(3, 0, VOCABULARY).distinct().toArray();
      biases = new float[biased.length];
      Arrays.fill(biases, (float) random.nextDouble(-5, 5));
      barredId = random.nextInt(VOCABULARY);
      mask = random.nextBoolean() ? null : new long[] {random.nextLong(), random.nextLong()};
    }

    void describe(SampledRows rows, int i) {
      rows.slots()[i] = slot;
      rows.temperatures()[i] = temperature;
      rows.topK()[i] = topK;
      rows.topP()[i] = topP;
      rows.minP()[i] = minP;
      rows.seeds()[i] = seed;
      rows.outputPositions()[i] = output.size();
      if (plain) {
        return;
      }
      rows.repetitionPenalties()[i] = repetition;
      rows.presencePenalties()[i] = presence;
      rows.frequencyPenalties()[i] = frequency;
      rows.promptLengths()[i] = prompt.size();
      if (!known) {
        List<Integer> all = new ArrayList<>(prompt);
        all.addAll(output);
        rows.histories()[i] = all.stream().mapToInt(Integer::intValue).toArray();
        known = true;
      }
      rows.biasedIds()[i] = biased;
      rows.biases()[i] = biases;
      rows.barred()[i] = new int[] {barredId};
      rows.masks()[i] = mask;
    }

    int next(float[] logits) {
      if (!plain) {
        adjust(logits);
      }
      int token = temperature == 0 ? best(logits) : draw(logits);
      output.add(token);
      return token;
    }

    private void adjust(float[] logits) {
      for (int id = 0; id < VOCABULARY; id++) {
        boolean allowed = mask == null || (mask[id / 64] >>> id % 64 & 1) == 1;
        logits[id] = allowed && id != barredId ? logits[id] : Float.NEGATIVE_INFINITY;
      }
      for (int i = 0; i < biased.length; i++) {
        logits[biased[i]] += biases[i];
      }
      for (int id = 0; id < VOCABULARY; id++) {
        int token = id;
        int count = (int) output.stream().filter(t -> t == token).count();
        if (count > 0 || prompt.contains(id)) {
          logits[id] = logits[id] > 0 ? logits[id] / repetition : logits[id] * repetition;
        }
        if (count > 0) {
          logits[id] -= frequency * count;
          logits[id] -= presence;
        }
      }
    }

    private static int best(float[] logits) {
      int best = 0;
      for (int id = 0; id < VOCABULARY; id++) {
        best = logits[id] > logits[best] ? id : best;
      }
      return best;
    }

    private int draw(float[] logits) {
      double[] probabilities = softmax(logits);
      double most = Arrays.stream(probabilities).max().orElseThrow();
      List<Integer> order = new ArrayList<>();
      for (int id = 0; id < VOCABULARY; id++) {
        if (probabilities[id] >= minP * most && probabilities[id] > 0) {
          order.add(id);
        }
      }
      order.sort((a, b) -> Float.compare(logits[b], logits[a]));
      order = order.subList(0, topK == 0 ? order.size() : Math.min(topK, order.size()));
      double mass = order.stream().mapToDouble(id -> probabilities[id]).sum();
      int kept = 0;
      for (double sum = 0; kept < order.size() && sum < topP * mass * (1 - 1e-12); kept++) {
        sum += probabilities[order.get(kept)];
      }
      long key = CounterRandom.key(seed, output.size());
      int drawn = -1;
      double highest = Double.NEGATIVE_INFINITY;
      for (int id : order.subList(0, kept)) {
        double noise = -Math.log(-Math.log(CounterRandom.uniform(key, id)));
        if (logits[id] / (double) temperature + noise > highest) {
          highest = logits[id] / (double) temperature + noise;
          drawn = id;
        }
      }
      return drawn;
    }

    private double[] softmax(float[] logits) {
      double max = logits[best(logits)];
      double[] weights = new double[VOCABULARY];
      for (int id = 0; id < VOCABULARY; id++) {
        weights[id] = Math.exp((logits[id] - max) / temperature);
      }
      double sum = Arrays.stream(weights).sum();
      return Arrays.stream(weights).map(w -> w / sum).toArray();
    }
  }

  /**
   * Logits log(8), log(4), log(2), log(1), log(1) at temperature 1; a bias of log(2) on the third,
   * a frequency penalty of log(2) on the second, which the output has once; the last is barred;
   * min-p 0.2 leaves out the fourth: weights 8, 2, 4 of 14.
   */
  @Test
  void drawsFollowTheDistributionThatIsLeft() {
    float ln2 = (float) Math.log(2);
    CpuBuffer logits = new CpuBuffer(1, 5);
    System.arraycopy(new float[] {3 * ln2, 2 * ln2, ln2, 0, 0}, 0, logits.data(), 0, 5);
    SampledRows rows = SampledRows.greedy(0);
    rows.temperatures()[0] = 1;
    rows.minP()[0] = 0.2;
    rows.frequencyPenalties()[0] = ln2;
    rows.biasedIds()[0] = new int[] {2};
    rows.biases()[0] = new float[] {ln2};
    rows.barred()[0] = new int[] {4};
    rows.promptLengths()[0] = 1;
    SampleOp op = new SampleOp(1);
    int n = 28_000;
    int[] counts = new int[5];
    for (int i = 0; i < n; i++) {
      rows.seeds()[0] = i % 7;
      rows.outputPositions()[0] = i;
      rows.histories()[0] = new int[] {1, 1};
      op.begin(new CpuBuffer(1, 1), logits, rows);
      op.run(0, 0);
      counts[op.result().tokens()[0]]++;
    }
    double[] wanted = {8.0 / 14, 2.0 / 14, 4.0 / 14};
    double chiSquare = 0;
    for (int id = 0; id < 3; id++) {
      chiSquare += Math.pow(counts[id] - n * wanted[id], 2) / (n * wanted[id]);
    }
    // Two degrees of freedom: 13.8 is exceeded once in a thousand.
    assertTrue(chiSquare < 13.8, "chi square " + chiSquare + " of " + Arrays.toString(counts));
    assertEquals(0, counts[3] + counts[4]);
  }

  @Test
  void aRowWithoutAnyTokenLeftOrWithoutNumbersFailsAlone() {
    CpuBuffer logits = new CpuBuffer(3, 3);
    logits.data()[3] = Float.NaN;
    logits.data()[7] = 2;
    SampledRows rows = SampledRows.greedy(0, 1, 2);
    rows.masks()[0] = new long[] {0};
    rows.barred()[1] = new int[] {0};
    rows.masks()[2] = new long[] {0b101};

    StepResult result = run(new SampleOp(2), logits, rows);

    assertArrayEquals(
        new int[] {StepResult.NONE_ALLOWED, StepResult.NOT_A_NUMBER, 0}, result.tokens());
  }

  @Test
  void aMaskThatAllowsBarredIdsOnlyWins() {
    CpuBuffer logits = new CpuBuffer(2, 3);
    logits.data()[0] = 5;
    logits.data()[3] = 5;
    SampledRows rows = SampledRows.greedy(0, 1);
    rows.barred()[0] = new int[] {0, 2};
    rows.masks()[0] = new long[] {0b100};
    rows.barred()[1] = new int[] {0};
    rows.masks()[1] = new long[] {0b101};

    assertArrayEquals(new int[] {2, 2}, run(new SampleOp(2), logits, rows).tokens());
  }

  @Test
  void aTargetIsScoredAndRankedByTheRawLogits() {
    float[] values = {(float) Math.log(1), (float) Math.log(5), (float) Math.log(4)};
    CpuBuffer logits = new CpuBuffer(1, 3);
    System.arraycopy(values, 0, logits.data(), 0, 3);
    SampledRows rows = SampledRows.greedy(0);
    rows.targets()[0] = 2;
    rows.topLogprobs()[0] = 1;

    StepResult result = run(new SampleOp(2), logits, rows);

    assertEquals(2, result.tokens()[0]);
    assertEquals(Math.log(0.4), result.logprobs()[0], 1e-6);
    assertEquals(2, result.ranks()[0]);
    assertArrayEquals(new int[] {1}, result.topIds()[0]);
  }

  @Test
  void aHiddenStateIsCopiedUnlessItIsNoNumber() {
    CpuBuffer hidden = new CpuBuffer(2, 2);
    System.arraycopy(new float[] {1, -2, 3, Float.NaN}, 0, hidden.data(), 0, 4);
    SampledRows rows = SampledRows.greedy(0, 1);
    Arrays.fill(rows.targets(), SampledRows.HIDDEN_STATE);
    SampleOp op = new SampleOp(1);
    op.begin(hidden, new CpuBuffer(2, 3), rows);
    op.run(0, 0);
    op.run(0, 1);

    assertArrayEquals(new float[] {1, -2}, op.result().hiddenStates()[0]);
    assertEquals(0, op.result().tokens()[0]);
    assertEquals(StepResult.NOT_A_NUMBER, op.result().tokens()[1]);
  }
}
