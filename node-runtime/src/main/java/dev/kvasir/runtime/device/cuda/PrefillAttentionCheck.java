package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/** Checks and measures causal attention of many rows a sequence over a paged cache. */
final class PrefillAttentionCheck {
  private static final double TOLERANCE = 5e-3;
  private static final double TENSOR_TFLOPS = 802;
  private static final int PROBES = 600;
  private static final int LONG_PROBES = 64;
  private static final String OP = "paged prefill attention";

  private final Bench bench;

  PrefillAttentionCheck(Bench bench) {
    this.bench = bench;
  }

  /**
   * @param counts rows of each sequence: its last tokens
   */
  private record Case(
      int heads,
      int kvHeads,
      int dim,
      boolean fp8,
      int[] lengths,
      int[] counts,
      int window,
      float softcap) {
    AttentionShape shape() {
      return new AttentionShape(heads, kvHeads, dim, (float) (1 / Math.sqrt(dim)), softcap, window);
    }

    int rows() {
      return IntStream.of(counts).sum();
    }

    /** Positions seen by all rows of a head. */
    double seen() {
      double seen = 0;
      for (int s = 0; s < lengths.length; s++) {
        for (int length = lengths[s] - counts[s] + 1; length <= lengths[s]; length++) {
          seen += length - shape().firstSeen(length);
        }
      }
      return seen;
    }

    @Override
    public String toString() {
      return "%s %d rows of %d x %d, %d/%d heads of %d%s%s"
          .formatted(
              fp8 ? "fp8" : "bf16",
              rows(),
              lengths.length,
              IntStream.of(lengths).max().orElse(0),
              heads,
              kvHeads,
              dim,
              window > 0 ? ", window " + window : "",
              softcap > 0 ? ", softcap" : "");
    }
  }

  void run() {
    boolean small = bench.small();
    int[] lengths = small ? new int[] {1, 65, 150} : new int[] {1, 16, 17, 65, 300, 700, 129};
    int[] counts = small ? new int[] {1, 65, 20} : new int[] {1, 16, 5, 65, 200, 33, 128};
    for (boolean fp8 : new boolean[] {false, true}) {
      for (int dim : new int[] {64, 80, 96, 128, 256, 6}) {
        check(new Case(8, 2, dim, fp8, lengths, counts, 0, 0));
      }
      for (int group : new int[] {1, 3, 7, 16}) {
        check(new Case(2 * group, 2, 128, fp8, lengths, counts, 0, 0));
      }
      check(new Case(20, 4, 128, fp8, lengths, counts, 100, 30));
      check(new Case(8, 2, 128, fp8, new int[] {3000}, new int[] {90}, 0, 0));
      check(new Case(8, 2, 96, fp8, new int[] {2000, 777}, new int[] {40, 7}, 1500, 0));
      check(new Case(4, 1, 256, fp8, new int[] {1500}, new int[] {19}, 0, 0));
      check(new Case(7, 7, 64, fp8, lengths, counts, 16, 0));
      check(new Case(8, 4, 256, fp8, lengths, counts, 128, 50));
    }
    for (boolean fp8 : bench.timed() ? new boolean[] {false, true} : new boolean[0]) {
      for (int length : new int[] {2048, 8192}) {
        time(new Case(32, 8, 128, fp8, same(1, length), same(1, length), 0, 0));
      }
      time(new Case(32, 8, 128, fp8, same(16, 2048), same(16, 2048), 0, 0));
      time(new Case(32, 8, 128, fp8, same(1, 8192), same(1, 512), 0, 0));
      time(new Case(32, 8, 128, fp8, same(1, 8192), same(1, 64), 0, 0));
      time(new Case(32, 8, 128, fp8, same(1, 1024), same(1, 64), 0, 0));
      time(new Case(32, 32, 128, fp8, same(1, 4096), same(1, 4096), 0, 0));
      time(new Case(32, 8, 64, fp8, same(1, 8192), same(1, 8192), 0, 0));
      time(new Case(32, 32, 96, fp8, same(1, 4096), same(1, 4096), 0, 0));
      time(new Case(16, 8, 256, fp8, same(1, 8192), same(1, 8192), 0, 0));
      time(new Case(16, 8, 256, fp8, same(1, 8192), same(1, 8192), 1024, 50));
    }
  }

  private static int[] same(int count, int value) {
    return IntStream.range(0, count).map(i -> value).toArray();
  }

  private void check(Case about) {
    bench.renew();
    bench.checked(OP, about.toString(), new Run(bench, about).error(), TOLERANCE);
  }

  private void time(Case about) {
    bench.renew();
    Run run = new Run(bench, about);
    double error = run.error();
    double us = bench.time(1, i -> run.launch());
    double flops = 4.0 * about.heads() * about.dim() * about.seen();
    bench.computed(OP, about.toString(), us, flops, TENSOR_TFLOPS, error, TOLERANCE);
  }

  /**
   * One case on the GPU; its rows are query, key and value, of which the kernel reads the first.
   */
  private static final class Run {
    private final Bench bench;
    private final Case about;
    private final AttentionShape shape;
    private final PagedTestCache cache;
    private final MemorySegment queries;
    private final PagedPrefillAttention kernel;
    private final PagedPrefillAttention.Sequences sequences;
    private final PagedPrefillAttention.Workspace workspace;
    private final int[] starts;
    private final DeviceBuffer queryRows;
    private final DeviceBuffer out;

    Run(Bench bench, Case about) {
      this.bench = bench;
      this.about = about;
      shape = about.shape();
      int count = about.lengths().length;
      cache = new PagedTestCache(bench, shape, about.fp8(), about.lengths());
      queries = bench.randomBf16((long) about.rows() * shape.qkvWidth(), 23, 2);
      starts = new int[count];
      for (int s = 1; s < count; s++) {
        starts[s] = starts[s - 1] + about.counts()[s - 1];
      }
      sequences =
          new PagedPrefillAttention.Sequences(
              count,
              IntStream.of(about.counts()).max().orElseThrow(),
              cache.tables(),
              cache.stride(),
              bench.upload(IntStream.range(0, count).toArray()),
              bench.upload(about.lengths()),
              bench.upload(starts),
              bench.upload(about.counts()));
      workspace =
          PagedPrefillAttention.Workspace.allocate(
              bench.memory(), bench.stream(), bench.gpu().multiprocessors(), about.dim());
      queryRows = bench.upload(queries);
      out = bench.poisoned(2L * about.rows() * shape.queryWidth());
      kernel = new PagedPrefillAttention(bench.modules());
    }

    void launch() {
      kernel.run(
          new PagedDecodeAttention.Call(shape, queryRows, shape.qkvWidth(), out),
          sequences,
          cache.cache(),
          workspace,
          bench.stream());
    }

    /**
     * Of some rows and heads; that all was written is seen by the poison, which no sum survives.
     */
    double error() {
      launch();
      MemorySegment got = bench.download(out);
      ErrorMeter meter = new ErrorMeter();
      long elements = (long) about.rows() * shape.queryWidth();
      for (long i = 0; i < elements; i++) {
        if (Float.isNaN(Elements.fromBf16(got.getAtIndex(ValueLayout.JAVA_SHORT, i)))) {
          return Double.POSITIVE_INFINITY;
        }
      }
      int[] probes =
          new SplittableRandom(7)
              .ints(about.rows() > 500 ? LONG_PROBES : PROBES, 0, about.rows() * about.heads())
              .toArray();
      double[][] wanted =
          IntStream.of(probes).parallel().mapToObj(this::wanted).toArray(double[][]::new);
      for (int i = 0; i < probes.length; i++) {
        for (int d = 0; d < about.dim(); d++) {
          short bits = got.getAtIndex(ValueLayout.JAVA_SHORT, (long) probes[i] * about.dim() + d);
          meter.add(Elements.fromBf16(bits), wanted[i][d]);
        }
      }
      return meter.error();
    }

    private double[] wanted(int probe) {
      int row = probe / about.heads();
      int head = probe % about.heads();
      int sequence = about.lengths().length - 1;
      while (starts[sequence] > row) {
        sequence--;
      }
      int length =
          about.lengths()[sequence] - about.counts()[sequence] + row - starts[sequence] + 1;
      long at = (long) row * shape.qkvWidth() + (long) head * about.dim();
      return cache.reference(queries, at, sequence, length, head);
    }
  }
}
