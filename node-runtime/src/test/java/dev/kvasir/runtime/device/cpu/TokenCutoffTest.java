package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Comparator;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TokenCutoffTest {
  @Test
  void keepsWhatASortKeeps() {
    TokenCutoff cutoff = new TokenCutoff();
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      float[] logits = logits(random);
      float temperature = (float) random.nextDouble(0.1, 2);
      int topK = random.nextBoolean() ? 0 : random.nextInt(1, logits.length + 10);
      double topP = random.nextBoolean() ? 1 : random.nextDouble(0.05, 0.9999);
      double minP = random.nextInt(3) > 0 ? 0 : random.nextDouble(0.001, 0.5);
      List<Integer> wanted = sorted(logits, temperature, topK, topP, minP);

      cutoff.keep(logits, 0, logits.length, wanted.getFirst(), temperature, topK, topP, minP);

      for (int id = 0; id < logits.length; id++) {
        assertEquals(wanted.contains(id), cutoff.contains(id), "seed " + seed + " token " + id);
      }
    }
  }

  /** Spread out, flat, with many ties, with outliers, or with most tokens barred. */
  private static float[] logits(SplittableRandom random) {
    float[] logits = new float[random.nextInt(1, 3000)];
    int kind = random.nextInt(5);
    for (int id = 0; id < logits.length; id++) {
      double normal = random.nextGaussian();
      logits[id] =
          switch (kind) {
            case 0 -> (float) (normal * 4);
            case 1 -> (float) (normal * 0.01);
            case 2 -> Math.round(normal * 2);
            case 3 -> (float) (random.nextInt(50) == 0 ? normal * 1e6 : normal);
            default -> id % 7 == 0 ? (float) normal : Float.NEGATIVE_INFINITY;
          };
    }
    return logits;
  }

  private static List<Integer> sorted(
      float[] logits, float temperature, int topK, double topP, double minP) {
    List<Integer> order =
        IntStream.range(0, logits.length)
            .boxed()
            .filter(id -> logits[id] != Float.NEGATIVE_INFINITY)
            .sorted(Comparator.comparingDouble(id -> -logits[id]))
            .toList();
    double max = logits[order.getFirst()];
    List<Double> weights =
        order.stream().map(id -> Math.exp((logits[id] - max) / temperature)).toList();
    int kept = 0;
    while (kept < order.size() && weights.get(kept) >= minP) {
      kept++;
    }
    kept = topK == 0 ? kept : Math.min(topK, kept);
    double mass = weights.subList(0, kept).stream().mapToDouble(w -> w).sum();
    int last = 0;
    double sum = weights.getFirst();
    while (last + 1 < kept && sum < topP * mass) {
      sum += weights.get(++last);
    }
    return order.subList(0, topP < 1 ? last + 1 : kept);
  }
}
