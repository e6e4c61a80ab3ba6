package dev.kvasir.runtime.device.cuda;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Random layers in each format, for {@link LinearCheck}. */
final class LinearLayers {
  static final String[] FORMATS = {
    "bf16",
    "int4 g128",
    "int4 g64",
    "int4 g32 zeros",
    "int4 column",
    "fp8 tensor",
    "fp8 channel",
    "fp8 block",
    "int8"
  };
  static final String[] TIMED = {"bf16", "int4 g128", "fp8 channel", "fp8 block", "int8"};

  private LinearLayers() {}

  static LinearCheck.Layer of(Bench bench, String format, int outputs, int columns) {
    return switch (format) {
      case "bf16" -> new Bf16(bench, outputs, columns);
      case "int4 g128" -> new Int4(bench, format, outputs, columns, 128, true);
      case "int4 g64" -> new Int4(bench, format, outputs, columns, 64, false);
      case "int4 g32 zeros" -> new Int4(bench, format, outputs, columns, 32, true);
      case "int4 column" -> new Int4(bench, format, outputs, columns, columns, false);
      case "fp8 tensor" -> new Fp8(bench, format, outputs, columns, outputs, false);
      case "fp8 channel" -> new Fp8(bench, format, outputs, columns, 1, false);
      case "fp8 block" -> new Fp8(bench, format, outputs, columns, 128, true);
      case "int8" -> new Int8(bench, outputs, columns);
      default -> throw new IllegalArgumentException(format);
    };
  }

  private static DeviceBuffer packed(Bench bench, MemorySegment data, int outputs, int rowBytes) {
    RepackRows repack = new RepackRows(bench.modules());
    return repack.run(bench.upload(data), outputs, rowBytes, bench.memory(), bench.stream());
  }

  /** bfloat16 rows of x. */
  private abstract static class WithBf16Rows implements LinearCheck.Layer {
    final Bench bench;
    final int columns;
    private MemorySegment x;
    DeviceBuffer rows;

    WithBf16Rows(Bench bench, int columns) {
      this.bench = bench;
      this.columns = columns;
    }

    @Override
    public void prepare(int count) {
      x = bench.randomBf16((long) count * columns, 11 + count, 3);
      rows = bench.upload(x);
    }

    @Override
    public double x(int row, int column) {
      return Elements.fromBf16(x.getAtIndex(ValueLayout.JAVA_SHORT, (long) row * columns + column));
    }

    @Override
    public double tolerance() {
      return 1e-3;
    }
  }

  private static final class Bf16 extends WithBf16Rows {
    private final MemorySegment data;
    private final DeviceBuffer[] weights;
    private final LinearBf16 kernels;

    Bf16(Bench bench, int outputs, int columns) {
      super(bench, columns);
      data = bench.randomBf16((long) outputs * columns, 1, 6);
      weights =
          bench.copies(packed(bench, data, outputs, 2 * columns), bench.copiesOf(data.byteSize()));
      kernels = new LinearBf16(bench.modules());
    }

    @Override
    public String name() {
      return "linear bf16";
    }

    @Override
    public LinearPlan.Format format() {
      return LinearBf16.FORMAT;
    }

    @Override
    public long bytes() {
      return data.byteSize();
    }

    @Override
    public int copies() {
      return weights.length;
    }

    @Override
    public double weight(int output, int column) {
      return Elements.fromBf16(
          data.getAtIndex(ValueLayout.JAVA_SHORT, (long) output * columns + column));
    }

    @Override
    public void run(
        LinearPlan plan, int copy, LinearKernels.Output out, LinearWorkspace workspace) {
      kernels.run(plan, weights[copy], rows, out, workspace, bench.stream());
    }
  }

  private static final class Int4 extends WithBf16Rows {
    private final String name;
    private final int groupSize;
    private final int groups;
    private final MemorySegment data;
    private final MemorySegment zeros;
    private final float[] scales;
    private final LinearInt4.Weight[] weights;
    private final LinearInt4 kernels;

    Int4(Bench bench, String name, int outputs, int columns, int groupSize, boolean withZeros) {
      super(bench, columns);
      this.name = name;
      this.groupSize = groupSize;
      groups = Math.ceilDiv(columns, groupSize);
      data = bench.randomBytes((long) outputs * Math.ceilDiv(columns, 2), 2);
      zeros =
          withZeros
              ? bench.random((long) outputs * groups, 3, bits -> bits & 0x0f0f0f0f0f0f0f0fL)
              : null;
      scales = new float[outputs * groups];
      MemorySegment bits = bench.randomBf16(scales.length, 4, 10);
      float largest = 0;
      for (int i = 0; i < scales.length; i++) {
        scales[i] = Math.abs(Elements.fromBf16(bits.getAtIndex(ValueLayout.JAVA_SHORT, i)));
        largest = Math.max(largest, scales[i]);
      }
      RepackInt4.Logical logical =
          new RepackInt4.Logical(
              bench.upload(data),
              bench.upload(scales),
              zeros == null ? null : bench.upload(zeros),
              outputs,
              columns,
              groupSize,
              largest);
      RepackInt4 repack = new RepackInt4(bench.modules());
      weights = new LinearInt4.Weight[bench.copiesOf(data.byteSize())];
      for (int i = 0; i < weights.length; i++) {
        weights[i] = repack.run(logical, bench.memory(), bench.stream());
      }
      kernels = new LinearInt4(bench.modules());
    }

    @Override
    public String name() {
      return "linear " + name;
    }

    @Override
    public LinearPlan.Format format() {
      return LinearInt4.FORMAT;
    }

    @Override
    public long bytes() {
      return data.byteSize() + 4L * scales.length;
    }

    @Override
    public int copies() {
      return weights.length;
    }

    @Override
    public double weight(int output, int column) {
      int pair =
          data.get(ValueLayout.JAVA_BYTE, (long) output * Math.ceilDiv(columns, 2) + column / 2);
      int q = column % 2 == 0 ? pair & 15 : (pair >> 4) & 15;
      int group = output * groups + column / groupSize;
      int zero = zeros == null ? 8 : zeros.get(ValueLayout.JAVA_BYTE, group);
      return (double) (q - zero) * scales[group];
    }

    @Override
    public double tolerance() {
      return 4e-3;
    }

    @Override
    public void run(
        LinearPlan plan, int copy, LinearKernels.Output out, LinearWorkspace workspace) {
      kernels.run(plan, weights[copy], rows, out, workspace, bench.stream());
    }
  }

  /** Weights and x of one byte an element, with scales for blocks of rows, and of columns too. */
  private abstract static class Bytes implements LinearCheck.Layer {
    final Bench bench;
    final DeviceBuffer[] weights;
    final DeviceBuffer weightScales;
    DeviceBuffer rows;
    DeviceBuffer rowScales;
    private final String name;
    private final int columns;
    private final int blockRows;
    private final int columnBlocks;
    private final MemorySegment data;
    private final float[] scales;
    private MemorySegment x;
    private float[] xScales;

    Bytes(Bench bench, String name, int outputs, int columns, int blockRows, boolean blocks) {
      this.bench = bench;
      this.name = name;
      this.columns = columns;
      this.blockRows = blockRows;
      columnBlocks = blocks ? Math.ceilDiv(columns, 128) : 1;
      data = random((long) outputs * columns, 5);
      scales = someScales(Math.ceilDiv(outputs, blockRows) * columnBlocks);
      weightScales = bench.upload(scales);
      weights =
          bench.copies(packed(bench, data, outputs, columns), bench.copiesOf(data.byteSize()));
    }

    abstract MemorySegment random(long elements, long seed);

    abstract double value(byte element);

    private static float[] someScales(int count) {
      float[] values = new float[count];
      for (int i = 0; i < count; i++) {
        values[i] = 0.01f + 0.001f * (i * 7 % 23);
      }
      return values;
    }

    @Override
    public void prepare(int count) {
      x = random((long) count * columns, 13 + count);
      rows = bench.upload(x);
      xScales = someScales(count * columnBlocks);
      rowScales = bench.upload(xScales);
    }

    @Override
    public String name() {
      return "linear " + name;
    }

    @Override
    public long bytes() {
      return data.byteSize();
    }

    @Override
    public int copies() {
      return weights.length;
    }

    private int columnBlock(int column) {
      return columnBlocks == 1 ? 0 : column / 128;
    }

    @Override
    public double weight(int output, int column) {
      float scale = scales[output / blockRows * columnBlocks + columnBlock(column)];
      return scale * value(data.get(ValueLayout.JAVA_BYTE, (long) output * columns + column));
    }

    @Override
    public double x(int row, int column) {
      float scale = xScales[row * columnBlocks + columnBlock(column)];
      return scale * value(x.get(ValueLayout.JAVA_BYTE, (long) row * columns + column));
    }
  }

  private static final class Fp8 extends Bytes {
    private final LinearFp8 kernels;
    private final int blockRows;
    private final boolean blocks;

    Fp8(Bench bench, String name, int outputs, int columns, int blockRows, boolean blocks) {
      super(bench, name, outputs, columns, blockRows, blocks);
      this.blockRows = blockRows;
      this.blocks = blocks;
      kernels = new LinearFp8(bench.modules());
    }

    @Override
    MemorySegment random(long elements, long seed) {
      return bench.randomE4m3(elements, seed);
    }

    @Override
    double value(byte element) {
      return Elements.fromE4m3(element);
    }

    @Override
    public LinearPlan.Format format() {
      return LinearFp8.FORMAT;
    }

    @Override
    public double tolerance() {
      return 1e-3;
    }

    @Override
    public void run(
        LinearPlan plan, int copy, LinearKernels.Output out, LinearWorkspace workspace) {
      LinearFp8.Weight weight =
          new LinearFp8.Weight(weights[copy], weightScales, blockRows, blocks);
      kernels.run(plan, weight, rows, rowScales, out, workspace, bench.stream());
    }
  }

  private static final class Int8 extends Bytes {
    private final LinearInt8 kernels;

    Int8(Bench bench, int outputs, int columns) {
      super(bench, "int8", outputs, columns, 1, false);
      kernels = new LinearInt8(bench.modules());
    }

    @Override
    MemorySegment random(long elements, long seed) {
      return bench.randomBytes(elements, seed);
    }

    @Override
    double value(byte element) {
      return element;
    }

    @Override
    public LinearPlan.Format format() {
      return LinearInt8.FORMAT;
    }

    @Override
    public double tolerance() {
      return 1e-5;
    }

    @Override
    public void run(
        LinearPlan plan, int copy, LinearKernels.Output out, LinearWorkspace workspace) {
      LinearInt8.Weight weight = new LinearInt8.Weight(weights[copy], weightScales);
      kernels.run(plan, weight, rows, rowScales, out, workspace, bench.stream());
    }
  }
}
