package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.ElementType;
import java.lang.foreign.MemorySegment;

/**
 * y = W x over a batch of rows. Weights are read once per block of rows that fits the second-level
 * cache; within it, four weight rows at a time, expanded to float32, meet all input rows.
 */
final class MatrixProduct {
  private static final Tiles BF16 = new Bf16Tiles();
  private static final Tiles F32 = new F32Tiles();
  private static final int CACHED_FLOATS = 128 * 1024;

  /** Multiply-adds below which waking a thread costs more than it saves. */
  private static final int FEW_MULTIPLY_ADDS = 64 * 1024;

  private final WorkerPool pool;
  private final PackedRows packed;

  MatrixProduct(WorkerPool pool, PackedRows packed) {
    this.pool = pool;
    this.packed = packed;
  }

  void run(CpuBuffer in, CpuWeight weight, CpuBuffer out) {
    int rows = in.rows();
    out.setRows(rows);
    if (rows == 0) {
      return;
    }
    requireShape(in, weight, out);
    int packGrain = Math.max(1, FEW_MULTIPLY_ADDS / 4 / weight.columns());
    pool.forEach(
        rows,
        packGrain,
        (worker, from, to) -> {
          for (int row = from; row < to; row++) {
            packed.pack(in.data(), weight, row);
          }
        });
    int perOutput = Math.max(1, rows * weight.columns());
    int grain = Math.max(4, Math.ceilDiv(FEW_MULTIPLY_ADDS, perOutput) / 4 * 4);
    pool.forEach(weight.rows(), grain, (worker, from, to) -> outputs(rows, weight, from, to, out));
  }

  private static void requireShape(CpuBuffer in, CpuWeight weight, CpuBuffer out) {
    if (in.columns() != weight.columns() || out.columns() != weight.rows()) {
      throw new IllegalArgumentException(
          "a %d x %d matrix cannot turn rows of %d into rows of %d"
              .formatted(weight.rows(), weight.columns(), in.columns(), out.columns()));
    }
  }

  private void outputs(int rows, CpuWeight weight, int from, int to, CpuBuffer out) {
    int width = PackedRows.padded(weight.columns());
    int blockRows = Math.max(4, CACHED_FLOATS / width / 4 * 4);
    for (int first = 0; first < rows; first += blockRows) {
      int end = Math.min(rows, first + blockRows);
      for (CpuWeight.Part part : weight.parts()) {
        int partFrom = Math.max(from, part.firstRow());
        int partTo = Math.min(to, part.endRow());
        if (partFrom < partTo) {
          switch (part) {
            case CpuWeight.Dense dense -> block(first, end, width, dense, partFrom, partTo, out);
            case CpuWeight.Packed p -> rows(first, end, weight, p, partFrom, partTo, out);
          }
        }
      }
    }
    if (weight.bias() != null) {
      addBias(rows, weight.bias(), from, to, out);
    }
  }

  private void block(
      int firstRow, int endRow, int width, CpuWeight.Dense part, int from, int to, CpuBuffer out) {
    Tiles tiles = part.type() == ElementType.BF16 ? BF16 : F32;
    float[] x = packed.data();
    float[] y = out.data();
    int yStride = out.columns();
    ExpandedTile tile = endRow - firstRow < 4 ? null : new ExpandedTile(width);
    int n = from;
    for (; n + 4 <= to; n += 4) {
      long w0 = (n - part.firstRow()) * part.rowBytes();
      int row = firstRow;
      if (tile != null) {
        tile.expand(tiles, part, w0);
        for (; row + 4 <= endRow; row += 4) {
          tile.multiply(x, row * width, y, row * yStride + n, yStride);
        }
      }
      for (; row < endRow; row++) {
        tiles.oneByFour(
            x, row * width, part.data(), w0, part.rowBytes(), width, y, row * yStride + n);
      }
    }
    for (; n < to; n++) {
      long w0 = (n - part.firstRow()) * part.rowBytes();
      for (int row = firstRow; row < endRow; row++) {
        y[row * yStride + n] = tiles.oneByOne(x, row * width, part.data(), w0, width);
      }
    }
  }

  private void rows(
      int firstRow,
      int endRow,
      CpuWeight weight,
      CpuWeight.Packed part,
      int from,
      int to,
      CpuBuffer out) {
    int width = PackedRows.padded(weight.columns());
    float[] decoded = new float[weight.columns()];
    float[] tile = new float[width];
    MemorySegment w = MemorySegment.ofArray(tile);
    for (int n = from; n < to; n++) {
      part.decoder().decode(n - part.firstRow(), decoded, 0);
      PackedRows.arrange(decoded, 0, weight.columns(), tile, 0, weight.splitPairs());
      for (int row = firstRow; row < endRow; row++) {
        out.data()[row * out.columns() + n] = F32.oneByOne(packed.data(), row * width, w, 0, width);
      }
    }
  }

  private static void addBias(int rows, float[] bias, int from, int to, CpuBuffer out) {
    for (int row = 0; row < rows; row++) {
      int at = row * out.columns();
      for (int n = from; n < to; n++) {
        out.data()[at + n] += bias[n];
      }
    }
  }
}
