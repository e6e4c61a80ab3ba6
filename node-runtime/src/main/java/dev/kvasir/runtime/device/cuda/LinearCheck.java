package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Checks and measures the linear layers of every format. */
final class LinearCheck {
  /** Outputs that are computed again in double precision. */
  private static final int PROBES = 48;

  private static final boolean[] OUT = {true, false};
  private static final boolean[] SMALL_OUT = {false};
  private static final double BF16_ROUNDING = 3e-3;

  private final Bench bench;
  private final boolean sweep;
  private final List<String> timed;
  private final LinearPlan.Chip chip;

  /**
   * @param wanted "sweep" to time all plans, and formats to time only those
   */
  LinearCheck(Bench bench, List<String> wanted) {
    this.bench = bench;
    this.chip = LinearPlan.Chip.of(bench.gpu());
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
        check(LinearLayers.of(bench, format, shape[1], shape[2]), shape[0], shape[1], shape[2]);
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

  private void check(Layer layer, int rows, int outputs, int columns) {
    layer.prepare(rows);
    LinearWorkspace workspace = workspace();
    float[] bias = new float[outputs];
    for (int i = 0; i < outputs; i++) {
      bias[i] = i % 5 - 2;
    }
    DeviceBuffer onGpu = bench.upload(bias);
    for (LinearPlan plan : plans(layer.format(), rows, outputs, columns)) {
      // compute-sanitizer has no time for both
      for (boolean floatOut : bench.small() ? SMALL_OUT : OUT) {
        DeviceBuffer y = bench.poisoned((floatOut ? 4L : 2L) * rows * outputs);
        layer.run(
            plan,
            0,
            new LinearKernels.Output(rows, outputs, columns, y, floatOut, floatOut ? null : onGpu),
            workspace);
        double error =
            error(layer, rows, outputs, columns, bench.download(y), floatOut ? null : bias);
        bench.checked(
            layer.name(),
            shape(rows, outputs, columns, plan) + (floatOut ? "" : " + bias to bf16"),
            error,
            layer.tolerance() + (floatOut ? 0 : BF16_ROUNDING));
      }
    }
  }

  private LinearWorkspace workspace() {
    return LinearWorkspace.forPlans(bench.memory(), bench.stream(), bench.gpu().multiprocessors());
  }

  private static String shape(int rows, int outputs, int columns, LinearPlan plan) {
    return "%d x %d x %d, %s".formatted(rows, outputs, columns, describe(plan));
  }

  private static String describe(LinearPlan plan) {
    return switch (plan) {
      case MmaPlan p -> p.variant("") + " / " + p.splits();
      case WgmmaPlan p -> p.variant("") + (p.shared() ? " shared by " : " in ") + p.blocks();
    };
  }

  /** One plan of each kind of kernel and of each way to share, and every size of tiles. */
  private List<LinearPlan> plans(LinearPlan.Format format, int rows, int outputs, int columns) {
    int multiprocessors = bench.gpu().multiprocessors();
    List<LinearPlan> plans = new ArrayList<>();
    MmaPlan mma = MmaPlan.choose(format, rows, outputs, columns, multiprocessors);
    plans.add(mma.withSplits(1));
    if (columns > 2 * format.step()) {
      plans.add(mma.withSplits(3));
    }
    if (chip.wgmma()) {
      for (WgmmaPlan.Tile tile : format.wgmma().tiles()) {
        plans.add(WgmmaPlan.whole(tile, rows, outputs, multiprocessors));
        plans.add(WgmmaPlan.sharing(tile, rows, outputs, columns, multiprocessors));
      }
    }
    return plans;
  }

  /**
   * @param bias null where y is float32 without one; else y is bfloat16
   */
  private static double error(
      Layer layer, int rows, int outputs, int columns, MemorySegment y, float[] bias) {
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
        long at = (long) rowProbes[r] * outputs + probes[i];
        if (bias == null) {
          meter.add(y.getAtIndex(ValueLayout.JAVA_FLOAT, at), wanted[i][r]);
        } else {
          meter.add(
              Elements.fromBf16(y.getAtIndex(ValueLayout.JAVA_SHORT, at)),
              wanted[i][r] + bias[probes[i]]);
        }
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
    LinearPlan chosen = LinearPlan.choose(layer.format(), rows, outputs, columns, chip);
    LinearWorkspace workspace = workspace();
    DeviceBuffer y = bench.poisoned(4L * rows * outputs);
    LinearKernels.Output out = new LinearKernels.Output(rows, outputs, columns, y, true, null);
    layer.run(chosen, 0, out, workspace);
    double error = error(layer, rows, outputs, columns, bench.download(y), null);
    LinearKernels.Output half = new LinearKernels.Output(rows, outputs, columns, y, false, null);
    double us = bench.time(layer.copies(), i -> layer.run(chosen, i, half, workspace));
    String shape = shape(rows, outputs, columns, chosen);
    if (rows <= 64) {
      bench.moved(layer.name(), shape, us, (double) layer.bytes(), error, layer.tolerance());
    } else {
      bench.computed(
          layer.name(), shape, us, 2.0 * rows * outputs * columns, 800, error, layer.tolerance());
    }
    if (sweep) {
      StringBuilder line = new StringBuilder("    ");
      for (LinearPlan plan : candidates(layer.format(), rows, outputs, columns)) {
        double other = bench.time(layer.copies(), i -> layer.run(plan, i, half, workspace));
        line.append("%s %.1f   ".formatted(describe(plan), other));
      }
      System.out.println(line);
    }
  }

  private List<LinearPlan> candidates(
      LinearPlan.Format format, int rows, int outputs, int columns) {
    int multiprocessors = bench.gpu().multiprocessors();
    List<LinearPlan> plans = new ArrayList<>();
    plans.add(MmaPlan.choose(format, rows, outputs, columns, multiprocessors));
    for (WgmmaPlan.Tile tile : format.wgmma().tiles()) {
      if (chip.wgmma() && tile.rows() >= Math.min(rows, 128) && tile.rows() < 8 * rows) {
        plans.add(WgmmaPlan.whole(tile, rows, outputs, multiprocessors));
        plans.add(WgmmaPlan.sharing(tile, rows, outputs, columns, multiprocessors));
      }
    }
    return plans;
  }
}
