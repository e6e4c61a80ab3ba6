package dev.kvasir.runtime.device;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A weight matrix on the host in its one logical form: row by row, a row per output feature. A new
 * format is a new case here, not a new op. A device may keep the segments of {@link Dense} in
 * bfloat16 and float32; it copies what it needs of all others before it has prepared them.
 */
public sealed interface HostWeight {
  int rows();

  int columns();

  /** What it takes in this form. */
  long bytes();

  /** Plain elements, often a view of the checkpoint's file. */
  record Dense(ElementType type, int rows, int columns, MemorySegment data) implements HostWeight {
    public Dense {
      requireSize(type.name(), rows, columns, data, (long) rows * columns * type.bytes());
    }

    @Override
    public long bytes() {
      return data.byteSize();
    }
  }

  /**
   * Unsigned 4-bit, {@code W = (q - zero) * scale}. A row is {@code ceil(columns / 2)} bytes;
   * column k is the low nibble of byte k / 2 where k is even, else the high one.
   *
   * @param groupSize columns that share a scale and a zero; a row's last group may be short
   * @param scales float32, a row's groups one after another
   * @param zeros a byte each, 0 to 16, in the order of the scales
   */
  record Int4(
      int rows,
      int columns,
      int groupSize,
      MemorySegment data,
      MemorySegment scales,
      MemorySegment zeros)
      implements HostWeight {
    public Int4 {
      requireSize("int4", rows, columns, data, (long) rows * Math.ceilDiv(columns, 2));
      long groups = groupsOf(rows, columns, groupSize);
      requireSize("int4 scales", rows, columns, scales, 4 * groups);
      requireSize("int4 zeros", rows, columns, zeros, groups);
    }

    /** Groups of a row. */
    public int groups() {
      return Math.ceilDiv(columns, groupSize);
    }

    @Override
    public long bytes() {
      return data.byteSize() + scales.byteSize() + zeros.byteSize();
    }
  }

  /**
   * Signed 8-bit, {@code W = (q - zero) * scale}.
   *
   * @param groupSize columns that share a scale and a zero; a row's last group may be short
   * @param scales float32, a row's groups one after another
   * @param zeros int16 in the order of the scales; null where all are 0
   * @param activation what the format wants of the activations
   */
  record Int8(
      int rows,
      int columns,
      int groupSize,
      MemorySegment data,
      MemorySegment scales,
      MemorySegment zeros,
      ActivationScale activation)
      implements HostWeight {
    public Int8 {
      requireSize("int8", rows, columns, data, (long) rows * columns);
      long groups = groupsOf(rows, columns, groupSize);
      requireSize("int8 scales", rows, columns, scales, 4 * groups);
      if (zeros != null) {
        requireSize("int8 zeros", rows, columns, zeros, 2 * groups);
      }
    }

    /** Groups of a row. */
    public int groups() {
      return Math.ceilDiv(columns, groupSize);
    }

    @Override
    public long bytes() {
      return data.byteSize() + scales.byteSize() + (zeros == null ? 0 : zeros.byteSize());
    }
  }

  /**
   * 8-bit floats, E4M3 without infinities, {@code W = q * scale}, where a scale belongs to a block:
   * the whole matrix (per tensor), 1 x columns (per channel) or 128 x 128, say.
   *
   * @param scales float32, a row of blocks one after another; blocks at the ends may be short
   * @param activation what the format wants of the activations
   */
  record Fp8(
      int rows,
      int columns,
      int blockRows,
      int blockColumns,
      MemorySegment data,
      MemorySegment scales,
      ActivationScale activation)
      implements HostWeight {
    public Fp8 {
      requireSize("fp8", rows, columns, data, (long) rows * columns);
      if (blockRows < 1 || blockColumns < 1) {
        throw new IllegalArgumentException(
            "blocks of %d x %d elements".formatted(blockRows, blockColumns));
      }
      long blocks = (long) Math.ceilDiv(rows, blockRows) * Math.ceilDiv(columns, blockColumns);
      requireSize("fp8 scales", rows, columns, scales, 4 * blocks);
    }

    @Override
    public long bytes() {
      return data.byteSize() + scales.byteSize();
    }
  }

  /**
   * A part of a stack whose parts want their inputs in different orders: column j reads input
   * {@code order[j]}.
   */
  record Reordered(HostWeight weight, int[] order) implements HostWeight {
    public Reordered {
      if (weight instanceof Stacked || weight instanceof Reordered) {
        throw new IllegalArgumentException("only a plain part of a stack can be reordered");
      }
      Linear.requirePermutation(order, weight.columns());
    }

    @Override
    public int rows() {
      return weight.rows();
    }

    @Override
    public int columns() {
      return weight.columns();
    }

    @Override
    public long bytes() {
      return weight.bytes() + 4L * order.length;
    }
  }

  /** Matrices of one input below one another, computed as one: query, key and value. */
  record Stacked(List<HostWeight> parts) implements HostWeight {
    public Stacked {
      parts = List.copyOf(parts);
      if (parts.stream().anyMatch(Stacked.class::isInstance)) {
        throw new IllegalArgumentException("stacked matrices cannot be stacked again");
      }
      if (parts.stream().mapToInt(HostWeight::columns).distinct().count() != 1) {
        throw new IllegalArgumentException("stacked matrices must have equally many columns");
      }
    }

    @Override
    public int rows() {
      return parts.stream().mapToInt(HostWeight::rows).sum();
    }

    @Override
    public int columns() {
      return parts.getFirst().columns();
    }

    @Override
    public long bytes() {
      return parts.stream().mapToLong(HostWeight::bytes).sum();
    }
  }

  private static long groupsOf(int rows, int columns, int groupSize) {
    if (groupSize < 1) {
      throw new IllegalArgumentException("groups of %d columns".formatted(groupSize));
    }
    return (long) rows * Math.ceilDiv(columns, groupSize);
  }

  private static void requireSize(
      String what, int rows, int columns, MemorySegment data, long wanted) {
    if (rows < 1 || columns < 1 || data.byteSize() != wanted) {
      throw new IllegalArgumentException(
          "a %d x %d matrix: its %s take %d bytes, not %d"
              .formatted(rows, columns, what, wanted, data.byteSize()));
    }
  }
}
