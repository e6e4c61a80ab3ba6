package dev.kvasir.runtime.model;

import static dev.kvasir.runtime.model.PackedWeights.INT;

import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * AutoAWQ's GEMM layout: an input's weights lie together, eight outputs in a word, their nibbles
 * interleaved.
 *
 * @param groupSize inputs that share a scale; 0 takes them all
 */
record AwqForm(int groupSize) implements StoredForm {
  private static final int PER_WORD = 8;
  private static final int TILE_WORDS = 16;

  /** The shift of each of a word's outputs. */
  private static final int[] SHIFTS = {0, 16, 4, 20, 8, 24, 12, 28};

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.has(layer + ".qweight");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    HostWeight.Int4 weight = allocate(layer, rows, columns, scratch);
    int words = rows / PER_WORD;
    int groups = weight.groups();
    MemorySegment packed = tensors.data(layer + ".qweight", "I32", columns, words);
    unpack(packed, words, columns, weight.data());
    float[] scales = tensors.floats(layer + ".scales", groups, rows);
    PackedWeights.writeTransposed(scales, groups, rows, weight.scales());
    unpackZeros(tensors.data(layer + ".qzeros", "I32", groups, words), words, weight);
    return new Linear(weight, Optional.empty());
  }

  @Override
  public HostWeight.Int4 allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    int group = groupSize == 0 ? columns : groupSize;
    if (rows % PER_WORD != 0) {
      throw new StartupException(
          "layer '%s' has %d inputs and %d outputs; AWQ wants outputs in multiples of %d"
              .formatted(layer, columns, rows, PER_WORD));
    }
    return PackedWeights.int4(rows, columns, group, arena);
  }

  private static void unpack(MemorySegment packed, int words, int columns, MemorySegment to) {
    long rowBytes = Math.ceilDiv(columns, 2);
    for (int tile = 0; tile < words; tile += TILE_WORDS) {
      int end = Math.min(words, tile + TILE_WORDS);
      for (int k = 0; k < columns; k += 2) {
        for (int word = tile; word < end; word++) {
          int even = packed.get(INT, 4L * ((long) k * words + word));
          int odd = k + 1 < columns ? packed.get(INT, 4L * ((k + 1L) * words + word)) : 0;
          long at = (long) word * PER_WORD * rowBytes + k / 2;
          for (int shift : SHIFTS) {
            int pair = ((even >>> shift) & 15) | ((odd >>> shift) & 15) << 4;
            to.set(ValueLayout.JAVA_BYTE, at, (byte) pair);
            at += rowBytes;
          }
        }
      }
    }
  }

  private static void unpackZeros(MemorySegment packed, int words, HostWeight.Int4 weight) {
    int groups = weight.groups();
    for (int row = 0; row < weight.rows(); row++) {
      int shift = SHIFTS[row % PER_WORD];
      for (int group = 0; group < groups; group++) {
        int word = packed.get(INT, 4L * ((long) group * words + row / PER_WORD));
        long at = (long) row * groups + group;
        weight.zeros().set(ValueLayout.JAVA_BYTE, at, (byte) ((word >>> shift) & 15));
      }
    }
  }
}
