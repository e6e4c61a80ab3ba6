package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies 8-bit weights into rows of whole vectors, a scale to each row and group. */
record QuantizedCopy(Arena arena, WorkerPool pool) {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int FEW_ROWS = 16;

  ByteTiles of(HostWeight.Int8 weight) {
    ColumnGroups columns = ColumnGroups.of(weight.columns(), weight.groupSize(), Lanes.COUNT);
    MemorySegment zeros = null;
    if (weight.zeros() != null) {
      long count = (long) weight.rows() * columns.groups();
      zeros = arena.allocate(4 * count, 64);
      for (long i = 0; i < count; i++) {
        zeros.set(FLOAT, 4 * i, weight.zeros().get(SHORT, 2 * i));
      }
    }
    MemorySegment scales = arena.allocate(weight.scales().byteSize(), 64);
    scales.copyFrom(weight.scales());
    return tiles(false, columns, weight.rows(), weight.data(), scales, zeros);
  }

  ByteTiles of(HostWeight.Fp8 weight) {
    ColumnGroups columns = ColumnGroups.of(weight.columns(), weight.blockColumns(), Lanes.COUNT);
    requireNumbers(weight);
    int groups = columns.groups();
    MemorySegment scales = arena.allocate(4L * weight.rows() * groups, 64);
    for (int row = 0; row < weight.rows(); row++) {
      long from = 4L * groups * (row / weight.blockRows());
      MemorySegment.copy(weight.scales(), from, scales, 4L * groups * row, 4L * groups);
    }
    return tiles(true, columns, weight.rows(), weight.data(), scales, null);
  }

  private static void requireNumbers(HostWeight.Fp8 weight) {
    for (long i = 0; i < weight.data().byteSize(); i++) {
      if ((weight.data().get(BYTE, i) & 0x7F) == 0x7F) {
        throw new IllegalArgumentException(
            "the fp8 weight in row %d, column %d is not a number"
                .formatted(i / weight.columns(), i % weight.columns()));
      }
    }
  }

  private ByteTiles tiles(
      boolean e4m3,
      ColumnGroups columns,
      int rows,
      MemorySegment from,
      MemorySegment scales,
      MemorySegment zeros) {
    int width = ByteTiles.width(columns);
    MemorySegment to = arena.allocate(ByteTiles.bytes(rows, width), 64);
    pool.forEach(
        rows,
        FEW_ROWS,
        (worker, first, end) -> {
          for (int row = first; row < end; row++) {
            copyRow(from, row, columns, to, width);
          }
        });
    return new ByteTiles(e4m3, columns, width, to, scales, zeros);
  }

  private static void copyRow(
      MemorySegment from, int row, ColumnGroups columns, MemorySegment to, int width) {
    byte[] padded = new byte[width];
    for (int group = 0; group < columns.groups(); group++) {
      long first = (long) row * columns.columns() + (long) group * columns.groupSize();
      int place = group * columns.groupWidth();
      MemorySegment.copy(from, BYTE, first, padded, place, columns.columnsOf(group));
    }
    for (int block = 0; block < width; block += ByteTiles.BLOCK) {
      long at = ByteTiles.place(row, block, width);
      for (int lane = 0; lane < Lanes.COUNT; lane++) {
        int k = block + lane;
        int word =
            (padded[k] & 0xFF)
                | (padded[k + Lanes.COUNT] & 0xFF) << 8
                | (padded[k + 2 * Lanes.COUNT] & 0xFF) << 16
                | padded[k + 3 * Lanes.COUNT] << 24;
        to.set(INT, at + 4L * lane, word);
      }
    }
  }
}
