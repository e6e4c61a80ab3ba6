package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.sampling.CounterRandom;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Comparator;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Holds the sampler against a plain one: every token must be the same. */
final class SampleCheck {
  private static final int NOT_A_NUMBER = -1;

  private final Bench bench;

  SampleCheck(Bench bench) {
    this.bench = bench;
  }

  private record Rows(
      float[] logits,
      float[] temperatures,
      double[] topP,
      int[] topK,
      long[] seeds,
      int[] positions) {
    int vocabulary() {
      return logits.length / temperatures.length;
    }
  }

  void run() {
    for (int[] shape : new int[][] {{40, 7}, {64, 1000}, {33, 32000}, {64, 128256}}) {
      check(shape[0], shape[1], true);
    }
    if (bench.timed()) {
      check(1, 128256, false);
      check(64, 128256, false);
      check(256, 128256, false);
    }
  }

  private static Rows random(int rows, int vocabulary, boolean mixed) {
    SplittableRandom random = new SplittableRandom(rows + vocabulary);
    float[] logits = new float[rows * vocabulary];
    for (int i = 0; i < logits.length; i++) {
      // Few distinct values in some rows, so that ties have to be broken.
      float value = (float) random.nextDouble(-8, 12);
      logits[i] = i / vocabulary % 4 == 3 ? Math.round(value) : value;
    }
    if (mixed && rows > 20) {
      logits[20 * vocabulary + vocabulary / 2] = Float.NaN;
      logits[10 * vocabulary] = Float.POSITIVE_INFINITY;
    }
    Rows all =
        new Rows(
            logits,
            new float[rows],
            new double[rows],
            new int[rows],
            new long[rows],
            new int[rows]);
    for (int r = 0; r < rows; r++) {
      all.temperatures()[r] = mixed && r % 3 == 0 ? 0 : (float) random.nextDouble(0.1, 2);
      all.topP()[r] = r % 2 == 0 ? 1 : random.nextDouble(0.05, 1);
      all.topK()[r] = r % 5 < 2 ? 0 : random.nextInt(1, 60);
      all.seeds()[r] = random.nextLong();
      all.positions()[r] = random.nextInt(0, 5000);
    }
    return all;
  }

  private void check(int count, int vocabulary, boolean mixed) {
    bench.renew();
    Rows rows = random(count, vocabulary, mixed);
    Sample op = new Sample(bench.modules());
    DeviceBuffer logits = bench.upload(rows.logits());
    Sample.Parameters parameters =
        new Sample.Parameters(
            bench.upload(rows.temperatures()),
            bench.upload(MemorySegment.ofArray(rows.topP())),
            bench.upload(rows.topK()),
            bench.upload(MemorySegment.ofArray(rows.seeds())),
            bench.upload(rows.positions()));
    DeviceBuffer tokens = bench.poisoned(4L * count);
    op.run(logits, count, vocabulary, parameters, tokens, bench.stream());
    int[] got = bench.download(tokens).toArray(ValueLayout.JAVA_INT);
    int[] wanted = IntStream.range(0, count).parallel().map(r -> draw(rows, r)).toArray();
    long wrong = IntStream.range(0, count).filter(r -> got[r] != wanted[r]).count();
    double us =
        bench.time(1, i -> op.run(logits, count, vocabulary, parameters, tokens, bench.stream()));
    String shape = "%d x %d%s".formatted(count, vocabulary, mixed ? ", mixed" : "");
    bench.moved("sample", shape, us, 4.0 * count * vocabulary, (double) wrong, 0);
  }

  private static int draw(Rows rows, int row) {
    int vocabulary = rows.vocabulary();
    float[] logits = Arrays.copyOfRange(rows.logits(), row * vocabulary, (row + 1) * vocabulary);
    for (float logit : logits) {
      if (!Float.isFinite(logit)) {
        return NOT_A_NUMBER;
      }
    }
    Integer[] order = IntStream.range(0, vocabulary).boxed().toArray(Integer[]::new);
    Arrays.sort(
        order, Comparator.comparingDouble((Integer id) -> -logits[id]).thenComparing(id -> id));
    double temperature = rows.temperatures()[row];
    if (temperature == 0) {
      return order[0];
    }
    int kept = kept(order, logits, rows.topK()[row], rows.topP()[row], temperature);
    long key = CounterRandom.key(rows.seeds()[row], rows.positions()[row]);
    int drawn = -1;
    double highest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < kept; i++) {
      int id = order[i];
      double noise = -Math.log(-Math.log(CounterRandom.uniform(key, id)));
      double value = logits[id] * (1.0 / temperature) + noise;
      if (value > highest || (value == highest && id < drawn)) {
        highest = value;
        drawn = id;
      }
    }
    return drawn;
  }

  private static int kept(
      Integer[] order, float[] logits, int topK, double topP, double temperature) {
    int k = topK == 0 ? order.length : Math.min(topK, order.length);
    double mass = 0;
    for (int i = 0; i < k; i++) {
      mass += Math.exp((logits[order[i]] - logits[order[0]]) / temperature);
    }
    double sum = 0;
    int kept = 0;
    while (kept < k && (topP >= 1 || sum < topP * mass)) {
      sum += Math.exp((logits[order[kept++]] - logits[order[0]]) / temperature);
    }
    return kept;
  }
}
