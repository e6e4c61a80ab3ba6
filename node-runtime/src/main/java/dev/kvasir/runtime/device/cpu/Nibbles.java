package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.HostWeight;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * 4-bit weights for {@link NibbleKernel}. Outputs stand side by side in tiles of two vectors of
 * 16-bit lanes; a lane holds a word of four columns of one output, the first in the low bits, and
 * the words of a tile follow each other. Even lanes of a vector are its first outputs, odd ones the
 * rest, so that each half widens to a vector of its own.
 *
 * @param scales for each tile and group, the outputs' in order
 * @param offsets likewise (8 - zero) * scale; null where all zeros are 8
 */
record Nibbles(
    int rows,
    NibbleColumns columns,
    MemorySegment words,
    MemorySegment scales,
    MemorySegment offsets) {
  /** Outputs of a tile. */
  static final int TILE = 4 * Lanes.COUNT;

  private static final ValueLayout.OfByte BYTE = ValueLayout.JAVA_BYTE;
  private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  long wordsAt(int tile) {
    return 2L * TILE * columns.words() * tile;
  }

  long scalesAt(int tile, int group) {
    return 4L * TILE * ((long) tile * columns.groups() + group);
  }

  void copyRow(int row, float[] out, int at) {
    int tile = row / TILE;
    for (int k = 0; k < columns.columns(); k++) {
      int place = columns.place(k);
      short word = words.get(SHORT, wordsAt(tile) + 2L * TILE * (place / 4) + 2L * lane(row));
      int value = (word >> (4 * (place % 4)) & 15) - 8;
      long scale = scalesAt(tile, k / columns.groupSize()) + 4L * (row % TILE);
      float offset = offsets == null ? 0 : offsets.get(FLOAT, scale);
      out[at + k] = Math.fma(value, scales.get(FLOAT, scale), offset);
    }
  }

  /** The lane of an output in its tile. */
  private static int lane(int row) {
    int inTile = row % TILE;
    int inVector = inTile % (2 * Lanes.COUNT);
    return inTile - inVector + 2 * (inVector % Lanes.COUNT) + inVector / Lanes.COUNT;
  }

  /** Lays out a matrix, the tiles shared out over the pool. */
  static Nibbles of(HostWeight.Int4 weight, Arena arena, WorkerPool pool) {
    NibbleColumns columns = NibbleColumns.of(weight.columns(), weight.groupSize());
    int tiles = Math.ceilDiv(weight.rows(), TILE);
    long floats = (long) tiles * columns.groups() * TILE;
    MemorySegment offsets = symmetric(weight.zeros()) ? null : arena.allocate(4 * floats, 64);
    Nibbles to =
        new Nibbles(
            weight.rows(),
            columns,
            arena.allocate(2L * TILE * columns.words() * tiles, 64),
            arena.allocate(4 * floats, 64),
            offsets);
    pool.forEach(
        weight.rows(),
        TILE,
        (worker, from, end) -> {
          for (int row = from; row < end; row++) {
            to.put(weight, row);
          }
        });
    return to;
  }

  private static boolean symmetric(MemorySegment zeros) {
    for (long i = 0; i < zeros.byteSize(); i++) {
      if (zeros.get(BYTE, i) != 8) {
        return false;
      }
    }
    return true;
  }

  private void put(HostWeight.Int4 weight, int row) {
    long from = (long) row * Math.ceilDiv(columns.columns(), 2);
    long to = wordsAt(row / TILE) + 2L * lane(row);
    int word = 0;
    for (int segment = 0; segment < columns.allSegments(); segment++) {
      int first = columns.firstColumn(segment);
      int count = columns.columnsOf(segment);
      for (int i = 0; i < columns.wordsOfSegment(); i++, word++) {
        int nibbles = 0;
        for (int j = 4 * i; j < Math.min(count, 4 * i + 4); j++) {
          int column = first + j;
          int pair = weight.data().get(BYTE, from + column / 2);
          nibbles |= (pair >> (column % 2 * 4) & 15) << (j % 4 * 4);
        }
        words.set(SHORT, to + 2L * TILE * word, (short) nibbles);
      }
    }
    putScales(weight, row);
  }

  private void putScales(HostWeight.Int4 weight, int row) {
    for (int group = 0; group < columns.groups(); group++) {
      long from = (long) row * columns.groups() + group;
      long to = scalesAt(row / TILE, group) + 4L * (row % TILE);
      float scale = weight.scales().get(FLOAT, 4 * from);
      scales.set(FLOAT, to, scale);
      if (offsets != null) {
        offsets.set(FLOAT, to, (8 - weight.zeros().get(BYTE, from)) * scale);
      }
    }
  }
}
