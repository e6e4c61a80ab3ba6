package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Copies 8-bit weights into rows of whole vectors, a scale to each row and group. */
record QuantizedCopy(Arena arena, WorkerPool pool) {
  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
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
    return new ByteTiles(columns, rows(weight.data(), weight.rows(), columns), scales, zeros);
  }

  E4m3Tiles of(HostWeight.Fp8 weight) {
    ColumnGroups columns = ColumnGroups.of(weight.columns(), weight.blockColumns(), Lanes.COUNT);
    requireNumbers(weight);
    int groups = columns.groups();
    MemorySegment scales = arena.allocate(4L * weight.rows() * groups, 64);
    for (int row = 0; row < weight.rows(); row++) {
      long from = 4L * groups * (row / weight.blockRows());
      MemorySegment.copy(weight.scales(), from, scales, 4L * groups * row, 4L * groups);
    }
    return new E4m3Tiles(columns, rows(weight.data(), weight.rows(), columns), scales);
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

  private MemorySegment rows(MemorySegment from, int rows, ColumnGroups columns) {
    MemorySegment to = arena.allocate((long) rows * columns.width(), 64);
    pool.forEach(
        rows,
        FEW_ROWS,
        (worker, first, end) -> {
          for (int row = first; row < end; row++) {
            copyRow(from, row, columns, to);
          }
        });
    return to;
  }

  private static void copyRow(MemorySegment from, int row, ColumnGroups columns, MemorySegment to) {
    for (int group = 0; group < columns.groups(); group++) {
      long at = (long) row * columns.columns() + (long) group * columns.groupSize();
      long place = (long) row * columns.width() + (long) group * columns.groupWidth();
      MemorySegment.copy(from, at, to, place, columns.columnsOf(group));
    }
  }
}
