package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Optional;

/**
 * compressed-tensors' pack-quantized: a row's weights in words, offset so that none is negative.
 *
 * @param bits 4 or 8
 */
record PackedIntForm(int bits, IntScaling scaling) implements StoredForm {
  private static final byte SIGN_BIT = (byte) 0x80;

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.has(layer + ".weight_packed");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    requireShape(tensors, layer, rows, columns);
    int words = Math.ceilDiv(columns, 32 / bits);
    MemorySegment packed = tensors.data(layer + ".weight_packed", "I32", rows, words);
    MemorySegment data = rows(packed, rows, 4L * words, columns, scratch);
    Optional<GroupOrder> order = order(tensors, layer, columns);
    HostWeight weight;
    if (bits == 4) {
      order.ifPresent(o -> o.reorderNibbles(data, rows));
      weight = int4(tensors, layer, rows, columns, data, scratch);
    } else {
      order.ifPresent(o -> o.reorderBytes(data, rows));
      weight = int8(tensors, layer, rows, columns, data, scratch);
    }
    tensors.ignore(layer + ".input_scale");
    tensors.ignore(layer + ".input_zero_point");
    return new Linear(weight, Optional.empty(), order.map(GroupOrder::order));
  }

  private static void requireShape(Tensors tensors, String layer, int rows, int columns) {
    String name = layer + ".weight_shape";
    int[] shape = tensors.ints(name, 2);
    if (shape[0] != rows || shape[1] != columns) {
      throw new StartupException(
          "tensor '%s' says %s, config.json asks for [%d, %d]"
              .formatted(name, Arrays.toString(shape), rows, columns));
    }
  }

  private Optional<GroupOrder> order(Tensors tensors, String layer, int columns) {
    String name = layer + ".weight_g_idx";
    return tensors.has(name)
        ? GroupOrder.of(name, tensors.data(name, "I32", columns), columns, scaling.group(columns))
        : Optional.empty();
  }

  /** Copies rows without the padding at their ends; bytes become signed. */
  private MemorySegment rows(
      MemorySegment packed, int rows, long storedBytes, int columns, SegmentAllocator scratch) {
    long rowBytes = rowBytes(columns);
    MemorySegment data = PackedWeights.bytes(rows * rowBytes, scratch);
    for (int row = 0; row < rows; row++) {
      MemorySegment.copy(packed, row * storedBytes, data, row * rowBytes, rowBytes);
    }
    if (bits == 8) {
      for (long at = 0; at < data.byteSize(); at++) {
        byte value = data.get(ValueLayout.JAVA_BYTE, at);
        data.set(ValueLayout.JAVA_BYTE, at, (byte) (value ^ SIGN_BIT));
      }
    }
    return data;
  }

  private long rowBytes(int columns) {
    return bits == 4 ? Math.ceilDiv(columns, 2) : columns;
  }

  private HostWeight.Int4 int4(
      Tensors tensors,
      String layer,
      int rows,
      int columns,
      MemorySegment data,
      SegmentAllocator scratch) {
    HostWeight.Int4 weight =
        PackedWeights.int4(rows, columns, scaling.group(columns), data, scratch);
    scaling.readScales(tensors, layer, rows, columns, weight.scales());
    weight.zeros().fill((byte) 8);
    if (!scaling.symmetric()) {
      MemorySegment zeros = packedZeros(tensors, layer, rows, columns);
      int groups = weight.groups();
      for (int row = 0; row < rows; row++) {
        for (int group = 0; group < groups; group++) {
          int zero = scaling.packedZero(zeros, bits, groups, row, group);
          weight.zeros().set(ValueLayout.JAVA_BYTE, (long) row * groups + group, (byte) zero);
        }
      }
    }
    return weight;
  }

  private HostWeight.Int8 int8(
      Tensors tensors,
      String layer,
      int rows,
      int columns,
      MemorySegment data,
      SegmentAllocator scratch) {
    HostWeight.Int8 weight =
        PackedWeights.int8(
            rows,
            columns,
            scaling.group(columns),
            !scaling.symmetric(),
            data,
            new ActivationScale.None(),
            scratch);
    scaling.readScales(tensors, layer, rows, columns, weight.scales());
    if (scaling.symmetric()) {
      return weight;
    }
    MemorySegment zeros = packedZeros(tensors, layer, rows, columns);
    int groups = weight.groups();
    for (int row = 0; row < rows; row++) {
      for (int group = 0; group < groups; group++) {
        int zero = scaling.packedZero(zeros, bits, groups, row, group) - 128;
        weight.zeros().set(PackedWeights.SHORT, 2 * ((long) row * groups + group), (short) zero);
      }
    }
    return PackedWeights.withoutNeedlessZeros(weight);
  }

  private MemorySegment packedZeros(Tensors tensors, String layer, int rows, int columns) {
    long words = Math.ceilDiv(rows, 32 / bits);
    return tensors.data(layer + ".weight_zero_point", "I32", words, scaling.groups(columns));
  }

  @Override
  public HostWeight allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    MemorySegment data = PackedWeights.bytes(rows * rowBytes(columns), arena);
    return bits == 4
        ? PackedWeights.int4(rows, columns, scaling.group(columns), data, arena)
        : PackedWeights.int8(
            rows,
            columns,
            scaling.group(columns),
            !scaling.symmetric(),
            data,
            new ActivationScale.None(),
            arena);
  }
}
