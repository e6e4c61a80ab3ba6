package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.sampling.CounterRandom;
import dev.kvasir.runtime.scheduler.StepResult;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenSamplerTest {
  private static final int DRAWS = 20_000;

  @Test
  void tiesGoToTheLowestId() {
    float[] logits = {1, 3, 2, 3, 3};

    assertEquals(1, new TokenSampler(logits, 0, 5).best());
    assertArrayEquals(new int[] {1, 3, 4, 2}, new TokenSampler(logits, 0, 5).top(4));
  }

  @Test
  void logitsThatAreNoNumbersAreNotDrawnFrom() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] logits = {0, 1, 2, 0, bad, 2};
      assertEquals(2, new TokenSampler(logits, 0, 3).best());
      assertEquals(StepResult.NOT_A_NUMBER, new TokenSampler(logits, 1, 3).best());
    }
  }

  @Test
  void drawsFollowTheSoftmaxAtATemperature() {
    float[] logits = {0.3f, -1, 2, 1.2f, 0};
    double[] wanted = softmax(logits, 0.7);

    double[] found = frequencies(logits, 0.7f, 0, 1);

    for (int id = 0; id < logits.length; id++) {
      assertEquals(wanted[id], found[id], 0.015, "token " + id);
    }
  }

  @Test
  void topKKeepsTheLikeliest() {
    double[] found = frequencies(new float[] {0.3f, -1, 2, 1.2f, 1.2f}, 1, 2, 1);

    assertEquals(1, found[2] + found[3], 1e-9);
    assertTrue(found[3] > 0.2);
  }

  @Test
  void topPKeepsTheFewestThatReachIt() {
    // Probabilities 0.5, 0.25, 0.15, 0.1.
    float[] logits = log(0.15, 0.5, 0.1, 0.25);

    assertArrayEquals(new boolean[] {false, true, false, false}, kept(logits, 0, 0.49));
    assertArrayEquals(new boolean[] {false, true, false, true}, kept(logits, 0, 0.51));
    assertArrayEquals(new boolean[] {true, true, false, true}, kept(logits, 0, 0.89));
    assertArrayEquals(new boolean[] {true, true, true, true}, kept(logits, 0, 1));
    // Of the two likeliest, the first has two thirds.
    assertArrayEquals(new boolean[] {false, true, false, false}, kept(logits, 2, 0.66));
    assertArrayEquals(new boolean[] {false, true, false, true}, kept(logits, 2, 0.67));
  }

  @Test
  void skippingHopelessTokensChangesNothing() {
    SplittableRandom random = new SplittableRandom(3);
    for (int i = 0; i < 300; i++) {
      float[] logits = new float[200];
      double spread = random.nextDouble(0.1, 20);
      for (int id = 0; id < logits.length; id++) {
        logits[id] = (float) (random.nextGaussian() * spread);
      }
      long key = random.nextLong();
      TokenSampler sampler = new TokenSampler(logits, 0, logits.length);
      assertEquals(plainDraw(logits, key), draw(sampler, 1f, 0, 1, key), "case " + i);
    }
  }

  @Test
  void logProbabilitiesAreOfTheRawLogits() {
    float[] logits = log(0.1, 0.6, 0.3);
    TokenSampler sampler = new TokenSampler(logits, 0, 3);

    assertEquals(Math.log(0.3), sampler.logit(2) - sampler.logOfSum(1), 1e-6);
  }

  private static int plainDraw(float[] logits, long key) {
    int best = 0;
    double highest = Double.NEGATIVE_INFINITY;
    for (int id = 0; id < logits.length; id++) {
      double noisy = logits[id] - Math.log(-Math.log(CounterRandom.uniform(key, id)));
      if (noisy > highest) {
        highest = noisy;
        best = id;
      }
    }
    return best;
  }

  private static double[] frequencies(float[] logits, float temperature, int topK, double topP) {
    TokenSampler sampler = new TokenSampler(logits, 0, logits.length);
    double[] counts = new double[logits.length];
    for (int i = 0; i < DRAWS; i++) {
      long key = CounterRandom.key(i % 10, i);
      counts[draw(sampler, temperature, topK, topP, key)] += 1.0 / DRAWS;
    }
    return counts;
  }

  private static int draw(
      TokenSampler sampler, float temperature, int topK, double topP, long key) {
    int best = sampler.best();
    TokenCutoff kept = new TokenCutoff();
    sampler.keep(kept, best, temperature, topK, topP, 0);
    return sampler.draw(best, temperature, kept, key);
  }

  private static boolean[] kept(float[] logits, int topK, double topP) {
    TokenCutoff order = new TokenCutoff();
    TokenSampler sampler = new TokenSampler(logits, 0, logits.length);
    sampler.keep(order, sampler.best(), 1, topK, topP, 0);
    boolean[] kept = new boolean[logits.length];
    IntStream.range(0, kept.length).forEach(id -> kept[id] = order.contains(id));
    assertFalse(Arrays.equals(kept, new boolean[kept.length]), "something is always kept");
    return kept;
  }

  private static float[] log(double... probabilities) {
    float[] logits = new float[probabilities.length];
    for (int i = 0; i < logits.length; i++) {
      logits[i] = (float) Math.log(probabilities[i]);
    }
    return logits;
  }

  private static double[] softmax(float[] logits, double temperature) {
    double[] weights = new double[logits.length];
    double sum = 0;
    for (int i = 0; i < logits.length; i++) {
      weights[i] = Math.exp(logits[i] / temperature);
      sum += weights[i];
    }
    for (int i = 0; i < logits.length; i++) {
      weights[i] /= sum;
    }
    return weights;
  }
}
