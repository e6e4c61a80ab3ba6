package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Checks and measures attention over a paged cache. */
final class AttentionCheck {
  private static final int BLOCK = 16;
  private static final double TOLERANCE = 5e-3;

  private final Bench bench;

  AttentionCheck(Bench bench) {
    this.bench = bench;
  }

  private record Case(
      int heads, int kvHeads, int dim, boolean fp8, int[] lengths, int window, float softcap) {
    @Override
    public String toString() {
      int longest = IntStream.of(lengths).max().orElse(0);
      return "%s %d x %d, %d/%d heads of %d%s%s"
          .formatted(
              fp8 ? "fp8" : "bf16",
              lengths.length,
              longest,
              heads,
              kvHeads,
              dim,
              window > 0 ? ", window " + window : "",
              softcap > 0 ? ", softcap" : "");
    }
  }

  void run() {
    int[] odd = {1, 15, 16, 17, 63, 200, 1000, 0, 333};
    for (boolean fp8 : new boolean[] {false, true}) {
      for (int dim : new int[] {64, 96, 128, 256}) {
        check(new Case(8, 2, dim, fp8, odd, 0, 0), 1, 3);
      }
      check(new Case(16, 1, 128, fp8, odd, 0, 0), 1, 4);
      check(new Case(20, 4, 128, fp8, odd, 100, 30), 1, 2);
      check(new Case(7, 7, 64, fp8, odd, 16, 0), 1, 2);
    }
    for (boolean fp8 : bench.timed() ? new boolean[] {false, true} : new boolean[0]) {
      time(new Case(32, 8, 128, fp8, same(1, 1024), 0, 0));
      time(new Case(32, 8, 128, fp8, same(1, 8192), 0, 0));
      time(new Case(32, 8, 128, fp8, same(8, 1024), 0, 0));
      time(new Case(32, 8, 128, fp8, same(32, 1024), 0, 0));
      time(new Case(32, 8, 128, fp8, same(32, 4096), 0, 0));
      time(new Case(32, 8, 128, fp8, same(64, 2048), 0, 0));
      time(new Case(32, 8, 128, fp8, same(256, 1024), 0, 0));
      time(new Case(64, 8, 128, fp8, same(32, 4096), 0, 0));
      time(new Case(32, 8, 64, fp8, same(32, 4096), 0, 0));
      time(new Case(16, 8, 256, fp8, same(32, 4096), 0, 0));
    }
  }

  private static int[] same(int count, int length) {
    return IntStream.range(0, count).map(i -> length).toArray();
  }

  private void check(Case shape, int... splits) {
    bench.renew();
    Paged paged = new Paged(bench, shape);
    for (int count : splits) {
      bench.checked(
          "paged decode attention",
          shape + ", %d splits".formatted(count),
          paged.error(count),
          TOLERANCE);
    }
  }

  private void time(Case shape) {
    bench.renew();
    Paged paged = new Paged(bench, shape);
    int longest = IntStream.of(shape.lengths()).max().orElseThrow();
    int splits =
        PagedDecodeAttention.splits(
            paged.shape, shape.lengths().length, longest, bench.gpu().multiprocessors());
    double error = paged.error(splits);
    StringBuilder others = new StringBuilder("    ");
    for (int other : new int[] {1, 2, 3, 4, 6, 8, 16, 32}) {
      if (other * 64 <= longest) {
        others.append("/%d %.1f  ".formatted(other, bench.time(1, i -> paged.run(other))));
      }
    }
    System.out.println(others);
    double us = bench.time(1, i -> paged.run(splits));
    double bytes =
        2.0
            * IntStream.of(shape.lengths()).sum()
            * shape.kvHeads()
            * shape.dim()
            * (shape.fp8() ? 1 : 2);
    bench.moved("paged decode attention", shape + " / " + splits, us, bytes, error, TOLERANCE);
  }

  /** A random cache, its sequences' blocks scattered over it. */
  private static final class Paged {
    private final Bench bench;
    private final Case about;
    private final AttentionShape shape;
    private final MemorySegment keys;
    private final MemorySegment values;
    private final MemorySegment queries;
    private final int[][] tables;
    private final PagedCache cache;
    private final PagedDecodeAttention kernel;
    private final PagedDecodeAttention.Sequences sequences;
    private final PagedDecodeAttention.Workspace workspace;
    private final DeviceBuffer queryRows;
    private final DeviceBuffer out;

    Paged(Bench bench, Case about) {
      this.bench = bench;
      this.about = about;
      int count = about.lengths().length;
      shape =
          new AttentionShape(
              about.heads(),
              about.kvHeads(),
              about.dim(),
              (float) (1 / Math.sqrt(about.dim())),
              about.softcap(),
              about.window());
      int stride = Math.ceilDiv(IntStream.of(about.lengths()).max().orElse(1), BLOCK);
      tables = scattered(count, stride);
      long elements = (long) count * stride * about.kvHeads() * BLOCK * about.dim();
      keys = elements(elements, 21);
      values = elements(elements, 22);
      queries = bench.randomBf16((long) count * shape.queryWidth(), 23, 2);
      cache =
          new PagedCache(
              bench.upload(keys),
              bench.upload(values),
              about.fp8(),
              about.kvHeads(),
              about.dim(),
              BLOCK,
              about.fp8() ? 0.5f : 1,
              about.fp8() ? 2 : 1);
      int[] flat =
          IntStream.range(0, count * stride).map(i -> tables[i / stride][i % stride]).toArray();
      int[] identity = IntStream.range(0, count).toArray();
      sequences =
          new PagedDecodeAttention.Sequences(
              count,
              bench.upload(flat),
              stride,
              bench.upload(identity),
              bench.upload(about.lengths()),
              bench.upload(identity));
      int blocks = count * about.kvHeads() * PagedDecodeAttention.headTiles(shape) * 64;
      workspace =
          PagedDecodeAttention.Workspace.allocate(
              bench.memory(), bench.stream(), blocks, about.dim());
      queryRows = bench.upload(queries);
      out = bench.poisoned(2L * count * shape.queryWidth());
      kernel = new PagedDecodeAttention(bench.modules());
    }

    private MemorySegment elements(long count, long seed) {
      return about.fp8() ? bench.randomE4m3(count, seed) : bench.randomBf16(count, seed, 2);
    }

    private static int[][] scattered(int sequences, int blocks) {
      int[] all = IntStream.range(0, sequences * blocks).toArray();
      SplittableRandom random = new SplittableRandom(5);
      for (int i = all.length - 1; i > 0; i--) {
        int j = random.nextInt(i + 1);
        int kept = all[i];
        all[i] = all[j];
        all[j] = kept;
      }
      return IntStream.range(0, sequences)
          .mapToObj(s -> java.util.Arrays.copyOfRange(all, s * blocks, (s + 1) * blocks))
          .toArray(int[][]::new);
    }

    void run(int splits) {
      kernel.run(
          new PagedDecodeAttention.Call(shape, queryRows, shape.queryWidth(), out),
          sequences,
          cache,
          splits,
          workspace,
          bench.stream());
    }

    double error(int splits) {
      bench.stream().fill(out, (byte) 0xff);
      run(splits);
      MemorySegment got = bench.download(out);
      int[] probes = IntStream.range(0, Math.min(about.lengths().length, 12)).toArray();
      ErrorMeter meter = new ErrorMeter();
      double[][] wanted =
          IntStream.of(probes)
              .boxed()
              .flatMap(s -> IntStream.range(0, about.heads()).mapToObj(h -> new int[] {s, h}))
              .parallel()
              .map(p -> reference(p[0], p[1]))
              .toArray(double[][]::new);
      for (int i = 0; i < wanted.length; i++) {
        long at =
            ((long) probes[i / about.heads()] * about.heads() + i % about.heads()) * about.dim();
        for (int d = 0; d < about.dim(); d++) {
          meter.add(
              Elements.fromBf16(got.getAtIndex(ValueLayout.JAVA_SHORT, at + d)), wanted[i][d]);
        }
      }
      return meter.error();
    }

    private double element(
        MemorySegment data, float scale, int sequence, int token, int head, int d) {
      long at =
          (((long) tables[sequence][token / BLOCK] * about.kvHeads() + head) * BLOCK
                      + token % BLOCK)
                  * about.dim()
              + d;
      return about.fp8()
          ? (double) scale * Elements.fromE4m3(data.get(ValueLayout.JAVA_BYTE, at))
          : Elements.fromBf16(data.getAtIndex(ValueLayout.JAVA_SHORT, at));
    }

    private double[] reference(int sequence, int head) {
      int length = about.lengths()[sequence];
      int kvHead = head / shape.headsPerKvHead();
      int first = about.window() > 0 ? Math.max(0, length - about.window()) : 0;
      double[] out = new double[about.dim()];
      double[] scores = new double[length];
      double max = Double.NEGATIVE_INFINITY;
      for (int t = first; t < length; t++) {
        for (int d = 0; d < about.dim(); d++) {
          double q =
              Elements.fromBf16(
                  queries.getAtIndex(
                      ValueLayout.JAVA_SHORT,
                      ((long) sequence * about.heads() + head) * about.dim() + d));
          scores[t] += q * element(keys, cache.keyScale(), sequence, t, kvHead, d);
        }
        scores[t] *= shape.scale();
        if (about.softcap() > 0) {
          scores[t] = about.softcap() * Math.tanh(scores[t] / about.softcap());
        }
        max = Math.max(max, scores[t]);
      }
      double sum = 0;
      for (int t = first; t < length; t++) {
        double weight = Math.exp(scores[t] - max);
        sum += weight;
        for (int d = 0; d < about.dim(); d++) {
          out[d] += weight * element(values, cache.valueScale(), sequence, t, kvHead, d);
        }
      }
      for (int d = 0; d < about.dim() && sum > 0; d++) {
        out[d] /= sum;
      }
      return out;
    }
  }
}
