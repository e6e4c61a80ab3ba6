package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Checks and measures the linear layers of every format. */
final class LinearCheck {
  /** Outputs that are computed again in double precision. */
  private static final int PROBES = 48;

  private final Bench bench;
  private final boolean sweep;
  private final List<String> timed;

  /**
   * @param wanted "sweep" to time all plans, and formats to time only those
   */
  LinearCheck(Bench bench, List<String> wanted) {
    this.bench = bench;
    this.sweep = wanted.contains("sweep");
    List<String> named = Stream.of(LinearLayers.TIMED).filter(wanted::contains).toList();
    this.timed = !bench.timed() ? List.of() : named.isEmpty() ? List.of(LinearLayers.TIMED) : named;
  }

  /** One weight in one format, on the host and on the GPU. */
  interface Layer {
    String name();

    LinearPlan.Format format();

    /** Bytes that a product reads of the weight. */
    long bytes();

    int copies();

    double weight(int output, int column);

    /** Makes x for so many rows. */
    void prepare(int rows);

    double x(int row, int column);

    /** Beyond the format's rounding of x and y. */
    double tolerance();

    void run(LinearPlan plan, int copy, LinearKernels.Output out, LinearWorkspace workspace);
  }

  void run() {
    int[][] odd = {
      {1, 64, 128},
      {3, 40, 256},
      {8, 200, 528},
      {11, 1000, 1040},
      {16, 4096, 4096},
      {17, 72, 272},
      {33, 520, 1040},
      {64, 4096, 4096},
      {100, 300, 784},
      {300, 1000, 2064}
    };
    for (String format : LinearLayers.FORMATS) {
      for (int[] shape : odd) {
        if (bench.small() && (long) shape[0] * shape[1] * shape[2] > 20_000_000) {
          continue;
        }
        bench.renew();
        check(
            LinearLayers.of(bench, format, shape[1], shape[2]), shape[0], shape[1], shape[2], true);
      }
    }
    for (String format : timed) {
      for (int[] size : new int[][] {{6144, 4096}, {4096, 4096}, {28672, 4096}, {4096, 14336}}) {
        bench.renew();
        Layer layer = LinearLayers.of(bench, format, size[0], size[1]);
        for (int rows : new int[] {1, 8, 16, 32, 64, 256, 2048}) {
          time(layer, rows, size[0], size[1]);
        }
      }
    }
  }

  private void check(Layer layer, int rows, int outputs, int columns, boolean floatOut) {
    layer.prepare(rows);
    LinearPlan plan =
        LinearPlan.choose(layer.format(), rows, outputs, columns, bench.gpu().multiprocessors());
    LinearWorkspace workspace =
        LinearWorkspace.allocate(bench.memory(), bench.stream(), rows, outputs);
    int most = Math.max(1, Math.ceilDiv(columns, layer.format().step()));
    for (int splits : new int[] {1, Math.min(3, most)}) {
      DeviceBuffer y = bench.poisoned(4L * rows * outputs);
      LinearKernels.Output out =
          new LinearKernels.Output(rows, outputs, columns, y, floatOut, null);
      layer.run(plan.withSplits(splits), 0, out, workspace);
      double error = error(layer, rows, outputs, columns, bench.download(y));
      String shape = "%d x %d x %d, %d splits".formatted(rows, outputs, columns, splits);
      bench.checked(layer.name(), shape, error, layer.tolerance());
    }
  }

  private static double error(Layer layer, int rows, int outputs, int columns, MemorySegment y) {
    SplittableRandom random = new SplittableRandom(rows * 31L + outputs);
    int[] probes =
        IntStream.range(0, Math.min(outputs, PROBES))
            .map(i -> i < 2 ? i * (outputs - 1) : random.nextInt(outputs))
            .toArray();
    int[] rowProbes =
        IntStream.range(0, Math.min(rows, 40))
            .map(i -> rows <= 40 ? i : random.nextInt(rows))
            .toArray();
    ErrorMeter meter = new ErrorMeter();
    double[][] wanted =
        IntStream.of(probes)
            .parallel()
            .mapToObj(n ->
                IntStream.of(rowProbes).mapToDouble(row -> dot(layer, row, n, columns)).toArray())
            .toArray(double[][]::new);
    for (int i = 0; i < probes.length; i++) {
      for (int r = 0; r < rowProbes.length; r++) {
        meter.add(
            y.getAtIndex(ValueLayout.JAVA_FLOAT, (long) rowProbes[r] * outputs + probes[i]),
            wanted[i][r]);
      }
    }
    return meter.error();
  }

  private static double dot(Layer layer, int row, int output, int columns) {
    double sum = 0;
    for (int k = 0; k < columns; k++) {
      sum += layer.weight(output, k) * layer.x(row, k);
    }
    return sum;
  }

  private void time(Layer layer, int rows, int outputs, int columns) {
    layer.prepare(rows);
    LinearPlan chosen =
        LinearPlan.choose(layer.format(), rows, outputs, columns, bench.gpu().multiprocessors());
    LinearWorkspace workspace =
        LinearWorkspace.allocate(bench.memory(), bench.stream(), rows, outputs);
    DeviceBuffer y = bench.poisoned(4L * rows * outputs);
    LinearKernels.Output out = new LinearKernels.Output(rows, outputs, columns, y, true, null);
    layer.run(chosen, 0, out, workspace);
    double error = error(layer, rows, outputs, columns, bench.download(y));
    LinearKernels.Output half = new LinearKernels.Output(rows, outputs, columns, y, false, null);
    if (sweep) {
      sweep(layer, rows, outputs, columns, half, workspace);
    }
    double us = bench.time(layer.copies(), i -> layer.run(chosen, i, half, workspace));
    String shape =
        "%d x %d x %d, %s"
            .formatted(rows, outputs, columns, chosen.variant("") + " / " + chosen.splits());
    if (rows <= 64) {
      bench.moved(layer.name(), shape, us, (double) layer.bytes(), error, layer.tolerance());
    } else {
      bench.computed(
          layer.name(), shape, us, 2.0 * rows * outputs * columns, 800, error, layer.tolerance());
    }
  }

  private void sweep(
      Layer layer,
      int rows,
      int outputs,
      int columns,
      LinearKernels.Output out,
      LinearWorkspace workspace) {
    StringBuilder line = new StringBuilder("    ");
    LinearPlan chosen =
        LinearPlan.choose(layer.format(), rows, outputs, columns, bench.gpu().multiprocessors());
    for (int[] tile : tiles(layer, rows)) {
      for (int splits : new int[] {1, 2, 4, 5, 8, 12}) {
        if (splits > Math.ceilDiv(columns, layer.format().step())
            || ((long) splits * rows > 2048 && splits > 1)) {
          continue;
        }
        LinearPlan plan = new LinearPlan(chosen.few(), tile[0], tile[1], splits);
        double us = bench.time(layer.copies(), i -> layer.run(plan, i, out, workspace));
        line.append("%d_%d/%d %.1f  ".formatted(tile[0], tile[1], splits, us));
      }
    }
    System.out.println(line);
  }

  /** What there is a kernel for. */
  private static int[][] tiles(Layer layer, int rows) {
    if (rows > LinearPlan.MOST_FEW_ROWS) {
      return new int[][] {{8, 1}, {8, 2}, {16, 2}};
    }
    int size = rows <= 8 ? 0 : rows <= 16 ? 1 : 2;
    return IntStream.of(layer.format().fewTiles()[size])
        .mapToObj(t -> new int[] {1 << size, t})
        .toArray(int[][]::new);
  }
}
