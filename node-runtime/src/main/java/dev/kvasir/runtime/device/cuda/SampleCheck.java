package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.scheduler.SampledRows;
import dev.kvasir.runtime.scheduler.StepResult;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Holds the sampler against a plain one: every token must be the same. */
final class SampleCheck {
  private static final String OP = "sample";
  private static final double SCORE_TOLERANCE = 1e-4;

  private final Bench bench;

  SampleCheck(Bench bench) {
    this.bench = bench;
  }

  /** What rows ask for. */
  private enum Kind {
    GREEDY,
    TEMPERATURE,
    TOP_K,
    TOP_P,
    TOP_K_AND_P,
    LOGPROBS,
    MIXED
  }

  void run() {
    int blocks = bench.gpu().computeCapability() >= 90 ? 8 : 1;
    for (int[] shape : new int[][] {{40, 7}, {64, 1000}, {33, 32000}, {64, 128256}}) {
      check(shape[0], shape[1], Kind.MIXED, blocks);
    }
    check(33, 32000, Kind.MIXED, 1);
    check(3, 262144, Kind.MIXED, blocks);
    if (bench.timed()) {
      for (int rows : new int[] {1, 64, 256}) {
        check(rows, 128256, Kind.GREEDY, blocks);
      }
      for (Kind kind : Kind.values()) {
        check(64, 128256, kind, blocks);
      }
      check(1, 128256, Kind.TOP_K_AND_P, blocks);
      check(256, 128256, Kind.TOP_K_AND_P, blocks);
    }
  }

  /** Mixed rows have whatever rows can have, odd logits included. */
  private static float[] logits(int rows, int vocabulary, boolean mixed) {
    SplittableRandom random = new SplittableRandom(rows + vocabulary);
    float[] logits = new float[rows * vocabulary];
    for (int i = 0; i < logits.length; i++) {
      // Few distinct values in some rows, so that ties have to be broken.
      float value = (float) (random.nextDouble(-8, 6) + 6 * Math.pow(random.nextDouble(), 40));
      logits[i] = mixed && i / vocabulary % 4 == 3 ? Math.round(value) : value;
    }
    if (mixed && rows > 20) {
      logits[20 * vocabulary + vocabulary / 2] = Float.NaN;
      logits[10 * vocabulary] = Float.POSITIVE_INFINITY;
      logits[11 * vocabulary + vocabulary - 1] = Float.NEGATIVE_INFINITY;
    }
    return logits;
  }

  private static SampledRows rows(int count, int vocabulary, Kind kind) {
    SplittableRandom random = new SplittableRandom(31L * count + vocabulary);
    SampledRows rows = SampledRows.greedy(IntStream.range(0, count).toArray());
    for (int r = 0; r < count; r++) {
      rows.slots()[r] = count - 1 - r;
      rows.seeds()[r] = random.nextLong();
      rows.outputPositions()[r] = random.nextInt(0, 5000);
      boolean draws = kind != Kind.GREEDY && kind != Kind.LOGPROBS;
      rows.temperatures()[r] = draws ? (float) random.nextDouble(0.3, 1.5) : 0;
      boolean k = kind == Kind.TOP_K || kind == Kind.TOP_K_AND_P;
      boolean p = kind == Kind.TOP_P || kind == Kind.TOP_K_AND_P;
      rows.topK()[r] = k ? 50 : 0;
      rows.topP()[r] = p ? 0.9 : 1;
      rows.topLogprobs()[r] = kind == Kind.LOGPROBS ? 20 : -1;
      if (kind == Kind.MIXED) {
        mix(rows, r, vocabulary, random);
      }
    }
    return rows;
  }

  private static void mix(SampledRows rows, int r, int vocabulary, SplittableRandom random) {
    rows.temperatures()[r] = r % 3 == 0 ? 0 : (float) random.nextDouble(0.1, 2);
    rows.topP()[r] = r % 2 == 0 ? 1 : random.nextDouble(0.05, 1);
    rows.topK()[r] = r % 5 < 2 ? 0 : random.nextInt(1, 60);
    rows.minP()[r] = r % 7 < 5 ? 0 : random.nextDouble(0.001, 1);
    rows.topLogprobs()[r] = r % 4 < 2 ? -1 : random.nextInt(0, 21);
    rows.targets()[r] = r % 11 == 5 ? random.nextInt(vocabulary) : SampledRows.DRAW;
    if (r % 6 == 1) {
      rows.repetitionPenalties()[r] = 1.3f;
      rows.presencePenalties()[r] = 0.4f;
      rows.frequencyPenalties()[r] = -0.7f;
      rows.histories()[r] = random.ints(300, 0, vocabulary).toArray();
      rows.promptLengths()[r] = 200;
    }
    if (r % 5 == 2) {
      int size = Math.min(vocabulary, 40);
      rows.biasedIds()[r] = random.ints(0, vocabulary).distinct().limit(size).toArray();
      rows.biases()[r] = new float[size];
      for (int i = 0; i < size; i++) {
        rows.biases()[r][i] = (float) random.nextDouble(-20, 20);
      }
    }
    if (r % 4 == 1) {
      rows.barred()[r] = random.ints(5, 0, vocabulary).toArray();
    }
    if (r % 8 >= 6) {
      long[] mask = new long[Math.ceilDiv(vocabulary, 64) - (vocabulary > 640 ? 3 : 0)];
      if (r % 16 != 15) {
        long[] other = random.longs(mask.length).toArray(); // a quarter of all bits is set
        Arrays.setAll(mask, i -> other[i] & random.nextLong());
      }
      rows.masks()[r] = mask;
    }
  }

  private void check(int count, int vocabulary, Kind kind, int blocks) {
    bench.renew();
    float[] logits = logits(count, vocabulary, kind == Kind.MIXED);
    SampledRows rows = rows(count, vocabulary, kind);
    SampleRows layout = new SampleRows(count, vocabulary);
    MemorySegment region = bench.host(layout.bytes());
    SampleRows.Packed packed = layout.pack(rows, region);
    DeviceBuffer counts = bench.allocate(Sample.countBytes(count, vocabulary));
    long scratch = Sample.scratchBytes(blocks, count, vocabulary);
    Sample op = new Sample(bench.modules(), blocks);
    DeviceBuffer uploaded = bench.upload(region);
    Sample.Input input =
        new Sample.Input(
            layout, uploaded, uploaded, counts, scratch > 0 ? bench.allocate(scratch) : null);
    Sample.Output output =
        new Sample.Output(
            bench.poisoned(4L * count), bench.poisoned((long) SampleRows.SCORE_BYTES * count));
    countHistories(op, rows, vocabulary, counts);
    DeviceBuffer onGpu = bench.upload(logits);
    Runnable launch =
        () -> op.run(onGpu, count, vocabulary, input, packed.keepsLogits(), output, bench.stream());
    launch.run();
    double error = error(output, rows, logits, vocabulary);
    double us = bench.time(1, i -> launch.run());
    String shape =
        "%d x %d, %s%s"
            .formatted(
                count,
                vocabulary,
                kind.name().toLowerCase(java.util.Locale.ROOT).replace('_', ' '),
                blocks == 1 ? ", a block a row" : "");
    bench.moved(OP, shape, us, 4.0 * count * vocabulary, error, SCORE_TOLERANCE);
  }

  private void countHistories(Sample op, SampledRows rows, int vocabulary, DeviceBuffer counts) {
    for (int r = 0; r < rows.count(); r++) {
      if (rows.histories()[r] != null) {
        int[] history = rows.histories()[r];
        int prompt = rows.promptLengths()[r];
        int slot = rows.slots()[r];
        int[] rest = Arrays.copyOfRange(history, 150, history.length);
        DeviceBuffer first = bench.upload(Arrays.copyOf(history, 150));
        op.count(slot, true, first, 150, prompt, vocabulary, counts, bench.stream());
        op.count(
            slot,
            false,
            bench.upload(rest),
            rest.length,
            prompt - 150,
            vocabulary,
            counts,
            bench.stream());
      }
    }
  }

  /** Each wrong token is an error of 1; scores by their largest difference. */
  private double error(Sample.Output output, SampledRows rows, float[] logits, int vocabulary) {
    int[] tokens = bench.download(output.tokens()).toArray(ValueLayout.JAVA_INT);
    MemorySegment scores = bench.download(output.scores());
    StepResult got = StepResult.ofRows(rows.count());
    PlainSampler plain = new PlainSampler(rows, logits, vocabulary);
    StepResult wanted = plain.run();
    double error = 0;
    for (int r = 0; r < rows.count(); r++) {
      if (tokens[r] != wanted.tokens()[r]) {
        System.out.printf("    row %d: %d instead of %d%n", r, tokens[r], wanted.tokens()[r]);
        error++;
      } else if (tokens[r] >= 0 && rows.topLogprobs()[r] >= 0) {
        SampleRows.readScore(scores, rows, r, vocabulary, got);
        error = Math.max(error, difference(got, wanted, r));
      }
    }
    return error;
  }

  private static double difference(StepResult got, StepResult wanted, int r) {
    if (got.ranks()[r] != wanted.ranks()[r]
        || !Arrays.equals(got.topIds()[r], wanted.topIds()[r])) {
      System.out.printf(
          "    row %d: rank %d instead of %d, top %s instead of %s%n",
          r,
          got.ranks()[r],
          wanted.ranks()[r],
          Arrays.toString(got.topIds()[r]),
          Arrays.toString(wanted.topIds()[r]));
      return 1;
    }
    double largest = Math.abs(got.logprobs()[r] - wanted.logprobs()[r]);
    for (int i = 0; i < got.topLogprobs()[r].length; i++) {
      largest = Math.max(largest, Math.abs(got.topLogprobs()[r][i] - wanted.topLogprobs()[r][i]));
    }
    return Double.isNaN(largest) ? Double.POSITIVE_INFINITY : largest;
  }
}
