package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/** Checks and measures attention of one row a sequence over a paged cache. */
final class DecodeAttentionCheck {
  private static final double TOLERANCE = 5e-3;
  private static final String OP = "paged decode attention";

  private final Bench bench;
  private final boolean sweep;

  /**
   * @param sweep whether other numbers of splits are measured too
   */
  DecodeAttentionCheck(Bench bench, boolean sweep) {
    this.bench = bench;
    this.sweep = sweep;
  }

  private record Case(
      int heads, int kvHeads, int dim, boolean fp8, int[] lengths, int window, float softcap) {
    AttentionShape shape() {
      return new AttentionShape(heads, kvHeads, dim, (float) (1 / Math.sqrt(dim)), softcap, window);
    }

    int longest() {
      return IntStream.of(lengths).max().orElse(0);
    }

    @Override
    public String toString() {
      return "%s %d x %d, %d/%d heads of %d%s%s"
          .formatted(
              fp8 ? "fp8" : "bf16",
              lengths.length,
              longest(),
              heads,
              kvHeads,
              dim,
              window > 0 ? ", window " + window : "",
              softcap > 0 ? ", softcap" : "");
    }
  }

  void run() {
    int[] odd =
        bench.small()
            ? new int[] {1, 16, 17, 200, 0}
            : new int[] {1, 15, 16, 17, 63, 200, 1000, 0, 333};
    for (boolean fp8 : new boolean[] {false, true}) {
      for (int dim : new int[] {64, 80, 96, 128, 256, 6}) {
        check(new Case(8, 2, dim, fp8, odd, 0, 0), 1, 3);
      }
      for (int group : new int[] {1, 2, 3, 5, 6, 7, 8, 12, 16}) {
        check(new Case(2 * group, 2, 128, fp8, odd, 0, 0), 1, 4);
      }
      check(new Case(20, 4, 128, fp8, odd, 100, 30), 1, 2);
      check(new Case(7, 7, 64, fp8, odd, 16, 0), 1, 2);
      check(new Case(8, 4, 256, fp8, odd, 512, 50), 1, 16);
      if (!bench.small()) {
        check(new Case(4, 1, 256, fp8, new int[] {3000, 1}, 0, 0), 1, 64);
      }
    }
    for (boolean fp8 : bench.timed() ? new boolean[] {false, true} : new boolean[0]) {
      for (int length : new int[] {32, 128, 256, 1024, 8192}) {
        time(new Case(32, 8, 128, fp8, same(1, length), 0, 0));
      }
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

  private void check(Case about, int... splits) {
    bench.renew();
    Run run = new Run(bench, about);
    for (int count : splits) {
      bench.checked(OP, about + ", %d splits".formatted(count), run.error(count), TOLERANCE);
    }
  }

  private void time(Case about) {
    bench.renew();
    Run run = new Run(bench, about);
    int splits =
        PagedDecodeAttention.splits(
            about.shape(), about.lengths().length, about.longest(), bench.gpu().multiprocessors());
    double error = run.error(splits);
    double us = bench.time(1, i -> run.launch(splits));
    if (sweep) {
      StringBuilder others = new StringBuilder("    ");
      for (int other : new int[] {1, 2, 3, 4, 6, 8, 16, 32, 64}) {
        others.append("/%d %.1f  ".formatted(other, bench.time(1, i -> run.launch(other))));
      }
      System.out.println(others);
    }
    double bytes =
        2.0
            * IntStream.of(about.lengths()).sum()
            * about.kvHeads()
            * about.dim()
            * (about.fp8() ? 1 : 2);
    bench.moved(OP, about + " / " + splits, us, bytes, error, TOLERANCE);
  }

  /** One case on the GPU. */
  private static final class Run {
    private final Bench bench;
    private final Case about;
    private final AttentionShape shape;
    private final PagedTestCache cache;
    private final MemorySegment queries;
    private final PagedDecodeAttention kernel;
    private final PagedDecodeAttention.Sequences sequences;
    private final PagedDecodeAttention.Workspace workspace;
    private final DeviceBuffer queryRows;
    private final DeviceBuffer out;

    Run(Bench bench, Case about) {
      this.bench = bench;
      this.about = about;
      shape = about.shape();
      int count = about.lengths().length;
      cache = new PagedTestCache(bench, shape, about.fp8(), about.lengths());
      queries = bench.randomBf16((long) count * shape.queryWidth(), 23, 2);
      int[] identity = IntStream.range(0, count).toArray();
      sequences =
          new PagedDecodeAttention.Sequences(
              count,
              cache.tables(),
              cache.stride(),
              bench.upload(identity),
              bench.upload(about.lengths()),
              bench.upload(identity),
              1);
      int blocks = count * about.kvHeads() * PagedDecodeAttention.headTiles(shape) * 64;
      workspace =
          PagedDecodeAttention.Workspace.allocate(
              bench.memory(), bench.stream(), blocks, cache.cache().headDim());
      queryRows = bench.upload(queries);
      out = bench.poisoned(2L * count * shape.queryWidth());
      kernel = new PagedDecodeAttention(bench.modules());
    }

    void launch(int splits) {
      kernel.run(
          new PagedDecodeAttention.Call(shape, queryRows, shape.queryWidth(), out),
          sequences,
          cache.cache(),
          splits,
          workspace,
          bench.stream());
    }

    double error(int splits) {
      bench.stream().fill(out, (byte) 0xff);
      launch(splits);
      MemorySegment got = bench.download(out);
      int probed = Math.min(about.lengths().length, 12);
      double[][] wanted =
          IntStream.range(0, probed * about.heads())
              .parallel()
              .mapToObj(this::wanted)
              .toArray(double[][]::new);
      ErrorMeter meter = new ErrorMeter();
      for (int i = 0; i < wanted.length; i++) {
        for (int d = 0; d < about.dim(); d++) {
          short bits = got.getAtIndex(ValueLayout.JAVA_SHORT, (long) i * about.dim() + d);
          meter.add(Elements.fromBf16(bits), wanted[i][d]);
        }
      }
      return meter.error();
    }

    private double[] wanted(int i) {
      int sequence = i / about.heads();
      return cache.reference(
          queries, (long) i * about.dim(), sequence, about.lengths()[sequence], i % about.heads());
    }
  }
}
