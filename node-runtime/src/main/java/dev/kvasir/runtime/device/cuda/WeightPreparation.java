package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;

/** Brings linear layers onto the GPU and into the layouts that the products read. */
final class WeightPreparation implements AutoCloseable {
  /** Of a matrix that is brought over in parts. */
  private static final long PART_BYTES = 256L << 20;

  private static final int TILE = 16;
  private static final int RAW = 0;
  private static final int SCALES = 1;
  private static final int ZEROS = 2;
  private static final int ROWS = 3;

  private final DeviceMemory memory;
  private final Stream stream;
  private final HostData host;
  private final Staging staging;
  private final RepackRows repackRows;
  private final RepackInt4 repackInt4;
  private final ToBf16 toBf16;

  WeightPreparation(Gpu gpu, KernelModules modules, DeviceMemory memory, Stream stream) {
    this.memory = memory;
    this.stream = stream;
    this.host = new HostData(gpu, memory, stream);
    this.staging = new Staging(gpu, 4);
    this.repackRows = new RepackRows(modules);
    this.repackInt4 = new RepackInt4(modules);
    this.toBf16 = new ToBf16(modules);
  }

  /** A part of a layer as the host has it. */
  private record Source(HostWeight weight, WeightLayout layout) {}

  CudaWeight prepare(Linear linear) {
    HostWeight weight = linear.weight();
    if (weight.columns() % 8 != 0) {
      throw new IllegalArgumentException(
          "a linear layer of %d inputs: a GPU takes multiples of 8; use --device cpu"
              .formatted(weight.columns()));
    }
    List<CudaWeight.Part> parts = new ArrayList<>();
    int firstRow = 0;
    for (List<Source> group : groups(linear)) {
      int rows = group.stream().mapToInt(s -> s.weight().rows()).sum();
      parts.add(part(firstRow, rows, group));
      firstRow += rows;
    }
    DeviceBuffer bias = linear.bias().map(host::keep).orElse(null);
    stream.synchronize();
    return new CudaWeight(List.copyOf(parts), firstRow, weight.columns(), bias);
  }

  /** Neighbours that become one matrix. */
  private static List<List<Source>> groups(Linear linear) {
    List<List<Source>> groups = new ArrayList<>();
    for (Source source : sources(linear)) {
      if (groups.isEmpty() || !groups.getLast().getLast().layout().equals(source.layout())) {
        groups.add(new ArrayList<>());
      }
      groups.getLast().add(source);
    }
    return groups;
  }

  private static List<Source> sources(Linear linear) {
    List<HostWeight> weights =
        linear.weight() instanceof HostWeight.Stacked stacked
            ? stacked.parts()
            : List.of(linear.weight());
    int[] common = linear.inputPermutation().orElse(null);
    return weights.stream()
        .map(weight ->
            weight instanceof HostWeight.Reordered own
                ? source(own.weight(), own.order())
                : source(weight, common))
        .toList();
  }

  private static Source source(HostWeight weight, int[] order) {
    return new Source(weight, WeightLayout.of(weight, order));
  }

  private CudaWeight.Part part(int firstRow, int rows, List<Source> group) {
    WeightLayout layout = group.getFirst().layout();
    List<HostWeight> weights = group.stream().map(Source::weight).toList();
    CudaWeight.Form form =
        switch (layout.format()) {
          case BF16 -> new CudaWeight.Form.Bf16(bf16(weights, rows));
          case INT4 -> new CudaWeight.Form.Int4(int4(weights, rows, layout.groupSize()));
          case INT8 -> new CudaWeight.Form.Int8(int8(weights, rows));
          case FP8_ROWS -> new CudaWeight.Form.Fp8(fp8(weights, rows, false));
          case FP8_BLOCKS -> new CudaWeight.Form.Fp8(fp8(weights, rows, true));
        };
    DeviceBuffer order = layout.order() == null ? null : host.keep(layout.order());
    return new CudaWeight.Part(firstRow, rows, order, layout.input(), form);
  }

  private DeviceBuffer bf16(List<HostWeight> weights, int rows) {
    int rowBytes = 2 * weights.getFirst().columns();
    boolean plain =
        weights.stream()
            .allMatch(w -> w instanceof HostWeight.Dense d && d.type() == ElementType.BF16);
    return plain
        ? tiles(weights.stream().map(w -> ((HostWeight.Dense) w).data()).toList(), rows, rowBytes)
        : converted(weights, rows, rowBytes);
  }

  /** Tiles of rows that lie on the host as the products want them. */
  private DeviceBuffer tiles(List<MemorySegment> data, int rows, int rowBytes) {
    DeviceBuffer packed =
        memory.allocate(DeviceMemory.Use.WEIGHTS, RepackRows.packedBytes(rows, rowBytes));
    int most = (int) Math.max(TILE, PART_BYTES / rowBytes / TILE * TILE);
    for (int first = 0; first < rows; first += most) {
      int count = Math.min(most, rows - first);
      DeviceBuffer raw = staging.get(RAW, (long) count * rowBytes);
      host.bring(data, (long) first * rowBytes, raw);
      long at = RepackRows.packedBytes(first, rowBytes);
      DeviceBuffer to = packed.slice(at, RepackRows.packedBytes(count, rowBytes));
      repackRows.run(raw, count, rowBytes, to, stream);
    }
    return packed;
  }

  private DeviceBuffer converted(List<HostWeight> weights, int rows, int rowBytes) {
    DeviceBuffer all = staging.get(ROWS, (long) rows * rowBytes);
    long at = 0;
    for (HostWeight weight : weights) {
      long bytes = (long) weight.rows() * rowBytes;
      toBf16.run(onGpu(weight), all.slice(at, bytes), stream);
      at += bytes;
    }
    return repackRows.run(all, rows, rowBytes, memory, stream);
  }

  private ToBf16.From onGpu(HostWeight weight) {
    return switch (weight) {
      case HostWeight.Dense w -> from(type(w.type()), w, w.data(), null, null, 1, w.columns());
      case HostWeight.Int4 w ->
          from(ToBf16.Type.INT4, w, w.data(), w.scales(), w.zeros(), 1, w.groupSize());
      case HostWeight.Int8 w ->
          from(ToBf16.Type.INT8, w, w.data(), w.scales(), w.zeros(), 1, w.groupSize());
      case HostWeight.Fp8 w ->
          from(ToBf16.Type.FP8, w, w.data(), w.scales(), null, w.blockRows(), w.blockColumns());
      case HostWeight.Reordered _, HostWeight.Stacked _ ->
          throw new IllegalArgumentException("a plain part was expected");
    };
  }

  private static ToBf16.Type type(ElementType type) {
    return switch (type) {
      case F32 -> ToBf16.Type.F32;
      case F16 -> ToBf16.Type.F16;
      case BF16 -> ToBf16.Type.BF16;
    };
  }

  private ToBf16.From from(
      ToBf16.Type type,
      HostWeight weight,
      MemorySegment data,
      MemorySegment scales,
      MemorySegment zeros,
      int blockRows,
      int blockColumns) {
    return new ToBf16.From(
        type,
        stage(RAW, data),
        scales == null ? null : stage(SCALES, scales),
        zeros == null ? null : stage(ZEROS, zeros),
        weight.rows(),
        weight.columns(),
        blockRows,
        blockColumns);
  }

  private DeviceBuffer stage(int place, MemorySegment... data) {
    long bytes = 0;
    for (MemorySegment segment : data) {
      bytes += segment.byteSize();
    }
    DeviceBuffer to = staging.get(place, bytes);
    host.bring(List.of(data), 0, to);
    return to;
  }

  private LinearInt4.Weight int4(List<HostWeight> weights, int rows, int groupSize) {
    List<HostWeight.Int4> all = weights.stream().map(HostWeight.Int4.class::cast).toList();
    MemorySegment[] scales =
        all.stream().map(HostWeight.Int4::scales).toArray(MemorySegment[]::new);
    RepackInt4.Logical logical =
        new RepackInt4.Logical(
            stage(RAW, all.stream().map(HostWeight.Int4::data).toArray(MemorySegment[]::new)),
            stage(SCALES, scales),
            stage(ZEROS, all.stream().map(HostWeight.Int4::zeros).toArray(MemorySegment[]::new)),
            rows,
            all.getFirst().columns(),
            groupSize,
            largest(scales));
    return repackInt4.run(logical, memory, stream);
  }

  private static float largest(MemorySegment[] scales) {
    float largest = 0;
    for (MemorySegment segment : scales) {
      for (long at = 0; at < segment.byteSize(); at += 4) {
        largest = Math.max(largest, Math.abs(segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, at)));
      }
    }
    return largest;
  }

  private LinearInt8.Weight int8(List<HostWeight> weights, int rows) {
    List<HostWeight.Int8> all = weights.stream().map(HostWeight.Int8.class::cast).toList();
    DeviceBuffer data =
        tiles(all.stream().map(HostWeight.Int8::data).toList(), rows, all.getFirst().columns());
    return new LinearInt8.Weight(
        data, host.keep(all.stream().map(HostWeight.Int8::scales).toList()));
  }

  private LinearFp8.Weight fp8(List<HostWeight> weights, int rows, boolean blocks) {
    List<HostWeight.Fp8> all = weights.stream().map(HostWeight.Fp8.class::cast).toList();
    DeviceBuffer data =
        tiles(all.stream().map(HostWeight.Fp8::data).toList(), rows, all.getFirst().columns());
    return new LinearFp8.Weight(data, host.keep(rowScales(all, rows)), 1, blocks);
  }

  /** Scales of each output: parts may have blocks of different heights, or one scale each. */
  private static float[] rowScales(List<HostWeight.Fp8> weights, int rows) {
    int across = Math.ceilDiv(weights.getFirst().columns(), weights.getFirst().blockColumns());
    float[] scales = new float[rows * across];
    int at = 0;
    for (HostWeight.Fp8 weight : weights) {
      for (int row = 0; row < weight.rows(); row++, at += across) {
        long block = 4L * across * (row / weight.blockRows());
        MemorySegment.copy(
            weight.scales(), ValueLayout.JAVA_FLOAT_UNALIGNED, block, scales, at, across);
      }
    }
    return scales;
  }

  CudaVector vector(float[] values) {
    return new CudaVector(host.keep(values), values.length);
  }

  @Override
  public void close() {
    host.close();
    staging.close();
  }
}
