package dev.kvasir.runtime.model;

import static dev.kvasir.runtime.model.PackedWeights.INT;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Optional;

/**
 * GPTQ's layout: consecutive inputs of one output in a word, words of the same inputs together.
 *
 * @param bits 4 or 8
 * @param groupSize inputs that share a scale; 0 takes them all
 * @param zeroOffset what is added to a stored zero: 1 in the first version of the format
 */
record GptqForm(int bits, int groupSize, int zeroOffset) implements StoredForm {
  private static final int SIGN_BITS = 0x80808080;

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.has(layer + ".qweight");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    HostWeight weight = allocate(layer, rows, columns, scratch);
    int groups = Math.ceilDiv(columns, group(columns));
    int words = columns / perWord();
    MemorySegment packed = tensors.data(layer + ".qweight", "I32", words, rows);
    float[] scales = tensors.floats(layer + ".scales", groups, rows);
    MemorySegment zeros = tensors.data(layer + ".qzeros", "I32", groups, rows / perWord());
    Optional<GroupOrder> order = order(tensors, layer, columns);
    return new Linear(
        fill(weight, packed, scales, zeros, order), Optional.empty(), order.map(GroupOrder::order));
  }

  private HostWeight fill(
      HostWeight weight,
      MemorySegment packed,
      float[] scales,
      MemorySegment zeros,
      Optional<GroupOrder> order) {
    int rows = weight.rows();
    int words = weight.columns() / perWord();
    int groups = scales.length / rows;
    return switch (weight) {
      case HostWeight.Int4 int4 -> {
        PackedWeights.transposeWords(packed, words, rows, 0, int4.data());
        order.ifPresent(o -> o.reorderNibbles(int4.data(), rows));
        PackedWeights.writeTransposed(scales, groups, rows, int4.scales());
        unpackZeros(zeros, int4);
        yield int4;
      }
      case HostWeight.Int8 int8 -> {
        PackedWeights.transposeWords(packed, words, rows, SIGN_BITS, int8.data());
        order.ifPresent(o -> o.reorderBytes(int8.data(), rows));
        PackedWeights.writeTransposed(scales, groups, rows, int8.scales());
        unpackZeros(zeros, int8);
        yield PackedWeights.withoutNeedlessZeros(int8);
      }
      default -> throw new AssertionError(weight);
    };
  }

  private Optional<GroupOrder> order(Tensors tensors, String layer, int columns) {
    String name = layer + ".g_idx";
    return tensors.has(name)
        ? GroupOrder.of(name, tensors.data(name, "I32", columns), columns, group(columns))
        : Optional.empty();
  }

  @Override
  public HostWeight allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    if (rows % perWord() != 0 || columns % perWord() != 0) {
      throw new StartupException(
          "layer '%s' has %d inputs and %d outputs; GPTQ with %d bits wants multiples of %d"
              .formatted(layer, columns, rows, bits, perWord()));
    }
    if (bits == 4) {
      return PackedWeights.int4(rows, columns, group(columns), arena);
    }
    MemorySegment data = PackedWeights.bytes((long) rows * columns, arena);
    return PackedWeights.int8(
        rows, columns, group(columns), true, data, new ActivationScale.None(), arena);
  }

  private int perWord() {
    return 32 / bits;
  }

  private int group(int columns) {
    return groupSize == 0 ? columns : groupSize;
  }

  private void unpackZeros(MemorySegment packed, HostWeight.Int4 weight) {
    for (int row = 0; row < weight.rows(); row++) {
      for (int group = 0; group < weight.groups(); group++) {
        int zero = zero(packed, weight.rows(), row, group);
        long at = (long) row * weight.groups() + group;
        weight.zeros().set(ValueLayout.JAVA_BYTE, at, (byte) zero);
      }
    }
  }

  private void unpackZeros(MemorySegment packed, HostWeight.Int8 weight) {
    for (int row = 0; row < weight.rows(); row++) {
      for (int group = 0; group < weight.groups(); group++) {
        int zero = zero(packed, weight.rows(), row, group) - 128;
        long at = (long) row * weight.groups() + group;
        weight.zeros().set(PackedWeights.SHORT, 2 * at, (short) zero);
      }
    }
  }

  private int zero(MemorySegment packed, int rows, int row, int group) {
    int words = rows / perWord();
    int word = packed.get(INT, 4L * ((long) group * words + row / perWord()));
    int shift = bits * (row % perWord());
    return ((word >>> shift) & ((1 << bits) - 1)) + zeroOffset;
  }
}
