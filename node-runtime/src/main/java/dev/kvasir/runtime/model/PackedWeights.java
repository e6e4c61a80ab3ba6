package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;

/** Makes room for weights in their logical forms and fills what all formats have alike. */
final class PackedWeights {
  static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
  static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int ALIGNMENT = 64;
  private static final int TILE = 16;

  private PackedWeights() {}

  static HostWeight.Int4 int4(int rows, int columns, int groupSize, SegmentAllocator arena) {
    return int4(
        rows, columns, groupSize, bytes((long) rows * Math.ceilDiv(columns, 2), arena), arena);
  }

  static HostWeight.Int4 int4(
      int rows, int columns, int groupSize, MemorySegment data, SegmentAllocator arena) {
    long groups = (long) rows * Math.ceilDiv(columns, groupSize);
    return new HostWeight.Int4(
        rows, columns, groupSize, data, bytes(4 * groups, arena), bytes(groups, arena));
  }

  static HostWeight.Int8 int8(
      int rows,
      int columns,
      int groupSize,
      boolean zeros,
      MemorySegment data,
      ActivationScale activation,
      SegmentAllocator arena) {
    long groups = (long) rows * Math.ceilDiv(columns, groupSize);
    return new HostWeight.Int8(
        rows,
        columns,
        groupSize,
        data,
        bytes(4 * groups, arena),
        zeros ? bytes(2 * groups, arena) : null,
        activation);
  }

  /** The same weight without zeros where all of them are 0. */
  static HostWeight.Int8 withoutNeedlessZeros(HostWeight.Int8 weight) {
    for (long at = 0; at < weight.zeros().byteSize(); at++) {
      if (weight.zeros().get(ValueLayout.JAVA_BYTE, at) != 0) {
        return weight;
      }
    }
    return new HostWeight.Int8(
        weight.rows(),
        weight.columns(),
        weight.groupSize(),
        weight.data(),
        weight.scales(),
        null,
        weight.activation());
  }

  static MemorySegment bytes(long bytes, SegmentAllocator arena) {
    return arena.allocate(bytes, ALIGNMENT);
  }

  /** Writes floats one after another. */
  static void write(float[] values, MemorySegment to) {
    MemorySegment.copy(values, 0, to, FLOAT, 0, values.length);
  }

  /** Writes a row-major matrix of floats transposed. */
  static void writeTransposed(float[] values, int rows, int columns, MemorySegment to) {
    for (int column = 0; column < columns; column++) {
      for (int row = 0; row < rows; row++) {
        to.set(FLOAT, 4L * ((long) column * rows + row), values[row * columns + column]);
      }
    }
  }

  /**
   * Transposes a row-major matrix of 32-bit words, in tiles that stay in the cache.
   *
   * @param flip bits that are turned over on the way
   */
  static void transposeWords(
      MemorySegment from, int rows, int columns, int flip, MemorySegment to) {
    for (int tile = 0; tile < columns; tile += TILE) {
      int end = Math.min(columns, tile + TILE);
      for (int row = 0; row < rows; row++) {
        long at = 4L * row * columns;
        for (int column = tile; column < end; column++) {
          int word = from.get(INT, at + 4L * column) ^ flip;
          to.set(INT, 4L * ((long) column * rows + row), word);
        }
      }
    }
  }
}
