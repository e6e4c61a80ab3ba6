package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.AttentionShape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/** Checks and measures what is done row by row: norms, activations, gathers, rotations. */
final class RowOpsCheck {
  private static final float EPSILON = 1e-5f;
  private static final double BF16 = 4e-3;
  private static final double FP8 = 4e-2;
  private static final double INT8 = 2e-2;

  private final Bench bench;

  RowOpsCheck(Bench bench) {
    this.bench = bench;
  }

  void run() {
    for (int[] shape :
        new int[][] {{1, 4096}, {3, 64}, {7, 5120}, {64, 4096}, {5, 16384}, {2048, 4096}}) {
      if (fits(shape[0])) {
        norm(shape[0], shape[1]);
      }
    }
    for (int[] shape : new int[][] {{1, 14336}, {3, 136}, {64, 14336}, {9, 2816}, {2048, 14336}}) {
      if (fits(shape[0])) {
        act(shape[0], shape[1]);
      }
    }
    for (int[] shape : new int[][] {{1, 4096}, {64, 4096}, {2048, 4096}, {5, 72}}) {
      if (fits(shape[0])) {
        gather(shape[0], shape[1]);
      }
    }
    for (boolean fp8 : new boolean[] {false, true}) {
      rope(1, 32, 8, 128, 128, false, false, fp8);
      rope(64, 32, 8, 128, 128, false, true, fp8);
      rope(7, 6, 2, 96, 48, false, false, fp8);
      rope(5, 4, 4, 64, 64, true, false, fp8);
      rope(3, 4, 1, 256, 256, false, true, fp8);
      rope(4, 4, 2, 80, 32, false, true, fp8);
      rope(3, 2, 1, 10, 10, false, true, fp8);
      rope(3, 2, 1, 14, 6, true, true, fp8);
      if (fits(2048)) {
        rope(2048, 32, 8, 128, 128, false, false, fp8);
      }
    }
  }

  private boolean fits(int rows) {
    return !bench.small() || rows < 64;
  }

  private static double bf16(MemorySegment data, long at) {
    return Elements.fromBf16(data.getAtIndex(ValueLayout.JAVA_SHORT, at));
  }

  private float[] weights(int columns) {
    float[] weights = new float[columns];
    for (int k = 0; k < columns; k++) {
      weights[k] = 0.5f + 0.01f * (k * 13 % 97);
    }
    return weights;
  }

  private void norm(int rows, int columns) {
    bench.renew();
    AddRmsNorm op = new AddRmsNorm(bench.modules());
    MemorySegment residual = bench.randomBf16((long) rows * columns, 31, 1);
    MemorySegment delta = bench.randomBf16((long) rows * columns, 32, 2);
    float[] weight = weights(columns);
    double[][] wanted =
        IntStream.range(0, Math.min(rows, 16))
            .mapToObj(r -> norm(residual, delta, weight, r))
            .toArray(double[][]::new);
    DeviceBuffer onGpu = bench.upload(residual);
    AddRmsNorm.Input in =
        new AddRmsNorm.Input(
            onGpu, bench.upload(delta), bench.upload(weight), EPSILON, rows, columns);
    DeviceBuffer out = bench.poisoned(2L * rows * columns);
    op.run(in, out, bench.stream());
    MemorySegment got = bench.download(out);
    ErrorMeter meter = new ErrorMeter();
    for (int i = 0; i < wanted.length * columns; i++) {
      meter.add(bf16(got, i), wanted[i / columns][i % columns]);
    }
    double us = bench.time(1, i -> op.run(in, out, bench.stream()));
    bench.moved(
        "add + rms norm",
        "%d x %d".formatted(rows, columns),
        us,
        8.0 * rows * columns,
        meter.error(),
        BF16);
    for (QuantizedRows.Form form : QuantizedRows.Form.values()) {
      for (int group : form == QuantizedRows.Form.FP8 ? new int[] {0, 128} : new int[] {0}) {
        onGpu.write(residual);
        QuantizedRows to = quantized(form, rows, columns, group);
        op.run(in, to, bench.stream());
        double error = error(to, wanted, columns);
        double time = bench.time(1, i -> op.run(in, to, bench.stream()));
        String shape =
            "%d x %d to %s%s".formatted(rows, columns, form, group > 0 ? " in groups" : "");
        bench.moved(
            "add + rms norm",
            shape,
            time,
            7.0 * rows * columns,
            error,
            form == QuantizedRows.Form.FP8 ? FP8 : INT8);
      }
    }
  }

  private QuantizedRows quantized(QuantizedRows.Form form, int rows, int columns, int group) {
    int scales = rows * (group > 0 ? Math.ceilDiv(columns, group) : 1);
    return new QuantizedRows(
        form, bench.poisoned((long) rows * columns), bench.poisoned(4L * scales), 0, group);
  }

  private double error(QuantizedRows got, double[][] wanted, int columns) {
    MemorySegment data = bench.download(got.data());
    MemorySegment scales = bench.download(got.scales());
    int groups = got.group() > 0 ? Math.ceilDiv(columns, got.group()) : 1;
    ErrorMeter meter = new ErrorMeter();
    for (int r = 0; r < wanted.length; r++) {
      for (int k = 0; k < columns; k++) {
        byte code = data.get(ValueLayout.JAVA_BYTE, (long) r * columns + k);
        double value = got.form() == QuantizedRows.Form.FP8 ? Elements.fromE4m3(code) : code;
        double scale =
            scales.getAtIndex(
                ValueLayout.JAVA_FLOAT, r * groups + (got.group() > 0 ? k / got.group() : 0));
        meter.add(value * scale, wanted[r][k]);
      }
    }
    return meter.error();
  }

  private static double[] norm(
      MemorySegment residual, MemorySegment delta, float[] weight, int row) {
    int columns = weight.length;
    double[] sums = new double[columns];
    double squares = 0;
    for (int k = 0; k < columns; k++) {
      long at = (long) row * columns + k;
      sums[k] = Elements.roundToBf16((float) (bf16(residual, at) + bf16(delta, at)));
      squares += sums[k] * sums[k];
    }
    double factor = 1 / Math.sqrt(squares / columns + EPSILON);
    for (int k = 0; k < columns; k++) {
      sums[k] *= factor * weight[k];
    }
    return sums;
  }

  private void act(int rows, int columns) {
    bench.renew();
    GateUpAct op = new GateUpAct(bench.modules());
    MemorySegment gateUp = bench.randomBf16(2L * rows * columns, 33, 1);
    DeviceBuffer in = bench.upload(gateUp);
    DeviceBuffer out = bench.poisoned(2L * rows * columns);
    for (GateUpAct.Function function : GateUpAct.Function.values()) {
      double[][] wanted =
          IntStream.range(0, Math.min(rows, 16))
              .mapToObj(r -> act(gateUp, columns, function, r))
              .toArray(double[][]::new);
      op.run(in, rows, columns, function, out, bench.stream());
      MemorySegment got = bench.download(out);
      ErrorMeter meter = new ErrorMeter();
      for (int i = 0; i < wanted.length * columns; i++) {
        meter.add(bf16(got, i), wanted[i / columns][i % columns]);
      }
      double us = bench.time(1, i -> op.run(in, rows, columns, function, out, bench.stream()));
      bench.moved(
          "gate x up",
          "%d x %d %s".formatted(rows, columns, function),
          us,
          6.0 * rows * columns,
          meter.error(),
          BF16);
      if (function != GateUpAct.Function.SILU) {
        continue;
      }
      for (QuantizedRows.Form form : QuantizedRows.Form.values()) {
        for (int group : form == QuantizedRows.Form.FP8 ? new int[] {0, 128} : new int[] {0}) {
          QuantizedRows to = quantized(form, rows, columns, group);
          op.run(in, rows, columns, function, to, bench.stream());
          double error = error(to, wanted, columns);
          double time = bench.time(1, i -> op.run(in, rows, columns, function, to, bench.stream()));
          String shape =
              "%d x %d to %s%s".formatted(rows, columns, form, group > 0 ? " in groups" : "");
          bench.moved(
              "gate x up",
              shape,
              time,
              5.0 * rows * columns,
              error,
              form == QuantizedRows.Form.FP8 ? FP8 : INT8);
        }
      }
    }
  }

  private static double[] act(
      MemorySegment gateUp, int columns, GateUpAct.Function function, int row) {
    double[] out = new double[columns];
    for (int k = 0; k < columns; k++) {
      double x = bf16(gateUp, 2L * row * columns + k);
      double up = bf16(gateUp, 2L * row * columns + columns + k);
      double y =
          switch (function) {
            case SILU -> x / (1 + Math.exp(-x));
            case GELU_TANH ->
                0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x * x * x)));
            case GELU -> 0.5 * x * (1 + erf(x / Math.sqrt(2)));
          };
      out[k] = y * up;
    }
    return out;
  }

  /** By its series; fine for |x| below 5. */
  private static double erf(double x) {
    double term = x;
    double sum = x;
    for (int n = 1; n < 120; n++) {
      term *= -x * x / n;
      sum += term / (2 * n + 1);
    }
    return Math.abs(x) > 5 ? Math.signum(x) : 2 / Math.sqrt(Math.PI) * sum;
  }

  private void gather(int rows, int columns) {
    bench.renew();
    GatherRows op = new GatherRows(bench.modules());
    int tableRows = 32768;
    MemorySegment table = bench.randomBf16((long) tableRows * columns, 34, 1);
    int[] indices = IntStream.range(0, rows).map(i -> (int) (i * 7919L % tableRows)).toArray();
    DeviceBuffer onGpu = bench.upload(table);
    DeviceBuffer ids = bench.upload(indices);
    DeviceBuffer out = bench.poisoned(2L * rows * columns);
    op.run(onGpu, ids, rows, columns, 2f, out, bench.stream());
    MemorySegment got = bench.download(out);
    ErrorMeter meter = new ErrorMeter();
    for (int i = 0; i < rows * columns; i++) {
      meter.add(bf16(got, i), 2 * bf16(table, (long) indices[i / columns] * columns + i % columns));
    }
    double us = bench.time(1, i -> op.run(onGpu, ids, rows, columns, 1f, out, bench.stream()));
    bench.moved(
        "gather rows",
        "%d x %d".formatted(rows, columns),
        us,
        4.0 * rows * columns,
        meter.error(),
        1e-9);
  }

  private void rope(
      int rows,
      int heads,
      int kvHeads,
      int dim,
      int rotary,
      boolean interleaved,
      boolean norms,
      boolean fp8) {
    bench.renew();
    RopeKvWrite op = new RopeKvWrite(bench.modules());
    AttentionShape shape = new AttentionShape(heads, kvHeads, dim, 1);
    int width = shape.qkvWidth();
    int stored = PagedCache.storedDim(dim);
    MemorySegment qkv = bench.randomBf16((long) rows * width, 35, 1);
    int[] positions = IntStream.range(0, rows).map(i -> (int) (i * 104729L % 131072)).toArray();
    int blocks = rows / 16 + 2;
    int[] slots =
        IntStream.range(0, rows).map(i -> i % 11 == 10 ? -1 : blocks * 16 - 1 - i).toArray();
    float[] frequencies = new float[rotary / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = (float) Math.pow(500000, -2.0 * i / rotary);
    }
    float[] norm = weights(dim);
    long cacheBytes = (long) blocks * 16 * kvHeads * stored * (fp8 ? 1 : 2);
    PagedCache cache =
        new PagedCache(
            bench.poisoned(cacheBytes),
            bench.poisoned(cacheBytes),
            fp8,
            kvHeads,
            stored,
            16,
            fp8 ? 0.05f : 1,
            fp8 ? 0.04f : 1);
    DeviceBuffer weights = norms ? bench.upload(norm) : null;
    RopeKvWrite.Rotation rotation =
        new RopeKvWrite.Rotation(
            null, bench.upload(frequencies), rotary, interleaved, 1.5f, weights, weights, EPSILON);
    DeviceBuffer onGpu = bench.upload(qkv);
    DeviceBuffer at = bench.upload(positions);
    DeviceBuffer to = bench.upload(slots);
    op.run(onGpu, rows, shape, at, to, rotation, cache, bench.stream());
    MemorySegment rotated = bench.download(onGpu);
    MemorySegment keys = bench.download(cache.keys());
    MemorySegment values = bench.download(cache.values());
    ErrorMeter queries = new ErrorMeter();
    ErrorMeter cached = new ErrorMeter();
    for (int row = 0; row < Math.min(rows, 100); row++) {
      for (int head = 0; head < heads + 2 * kvHeads; head++) {
        double[] wanted =
            rotate(
                qkv,
                row,
                width,
                head,
                dim,
                rotation,
                frequencies,
                norms ? norm : null,
                positions[row],
                head < heads + kvHeads);
        if (head < heads) {
          for (int d = 0; d < dim; d++) {
            queries.add(bf16(rotated, (long) row * width + (long) head * dim + d), wanted[d]);
          }
        } else if (slots[row] >= 0) {
          boolean key = head < heads + kvHeads;
          long place =
              (((long) (slots[row] / 16) * kvHeads + (head - heads) % kvHeads) * 16
                      + slots[row] % 16L)
                  * stored;
          for (int d = 0; d < stored; d++) {
            cached.add(
                cachedAt(key ? keys : values, cache, key, place + d), d < dim ? wanted[d] : 0);
          }
        }
      }
    }
    double us =
        bench.time(1, i -> op.run(onGpu, rows, shape, at, to, rotation, cache, bench.stream()));
    String about =
        "%d rows, %d/%d heads of %d%s%s %s"
            .formatted(
                rows,
                heads,
                kvHeads,
                dim,
                interleaved ? ", interleaved" : "",
                norms ? ", norms" : "",
                cache.type());
    double bytes = rows * (4.0 * heads * dim + kvHeads * dim * 2.0 * (fp8 ? 3 : 4));
    bench.moved(
        "rope + kv write",
        about,
        us,
        bytes,
        Math.max(queries.error(), fp8 ? cached.error() / 10 : cached.error()),
        BF16);
  }

  private static double cachedAt(MemorySegment data, PagedCache cache, boolean key, long at) {
    return cache.fp8()
        ? (double) (key ? cache.keyScale() : cache.valueScale())
            * Elements.fromE4m3(data.get(ValueLayout.JAVA_BYTE, at))
        : bf16(data, at);
  }

  private static double[] rotate(
      MemorySegment qkv,
      int row,
      int width,
      int head,
      int dim,
      RopeKvWrite.Rotation rotation,
      float[] frequencies,
      float[] norm,
      int position,
      boolean turns) {
    double[] v = new double[dim];
    double squares = 0;
    for (int d = 0; d < dim; d++) {
      v[d] = bf16(qkv, (long) row * width + (long) head * dim + d);
      squares += v[d] * v[d];
    }
    if (!turns) {
      return v;
    }
    if (norm != null) {
      double factor = 1 / Math.sqrt(squares / dim + EPSILON);
      for (int d = 0; d < dim; d++) {
        v[d] *= factor * norm[d];
      }
    }
    for (int i = 0; i < frequencies.length; i++) {
      int first = rotation.interleaved() ? 2 * i : i;
      int second = rotation.interleaved() ? 2 * i + 1 : i + frequencies.length;
      double angle = (float) position * frequencies[i];
      double a = v[first];
      double b = v[second];
      v[first] = (a * Math.cos(angle) - b * Math.sin(angle)) * rotation.magnitude();
      v[second] = (b * Math.cos(angle) + a * Math.sin(angle)) * rotation.magnitude();
    }
    return v;
  }
}
