package dev.kvasir.runtime.model;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * What shares a scale in compressed-tensors' integer formats.
 *
 * @param perTensor one scale for the whole
 * @param groupSize columns that share one; 0 takes a whole row
 * @param symmetric without zeros
 */
record IntScaling(boolean perTensor, int groupSize, boolean symmetric) {

  String inWords() {
    return perTensor ? "a scale per tensor" : Quantization.groupsInWords(groupSize);
  }

  int group(int columns) {
    return groupSize == 0 ? columns : groupSize;
  }

  int groups(int columns) {
    return Math.ceilDiv(columns, group(columns));
  }

  void readScales(Tensors tensors, String layer, int rows, int columns, MemorySegment to) {
    String name = layer + ".weight_scale";
    float[] scales = tensors.floats(name, shape(tensors, name, rows, columns));
    PackedWeights.write(perTensor ? repeated(scales[0], rows) : scales, to);
  }

  private static float[] repeated(float value, int times) {
    float[] values = new float[times];
    Arrays.fill(values, value);
    return values;
  }

  /** The shape that a tensor of scales or zeros must have. */
  long[] shape(Tensors tensors, String name, int rows, int columns) {
    if (!perTensor) {
      return new long[] {rows, groups(columns)};
    }
    return tensors.any(name).shape().length == 0 ? new long[0] : new long[] {1};
  }

  /** Reads zeros that are stored as plain numbers, as int16. */
  void readZeros(Tensors tensors, String layer, int rows, int columns, MemorySegment to) {
    String name = layer + ".weight_zero_point";
    int[] zeros = tensors.ints(name, shape(tensors, name, rows, columns));
    for (int i = 0; i < to.byteSize() / 2; i++) {
      to.set(PackedWeights.SHORT, 2L * i, (short) zeros[perTensor ? 0 : i]);
    }
  }

  /** Zeros that are packed along the rows, {@code bits} each, one of a row's group. */
  int packedZero(MemorySegment packed, int bits, int groups, int row, int group) {
    int perWord = 32 / bits;
    int word = packed.get(PackedWeights.INT, 4L * ((long) row / perWord * groups + group));
    int shift = bits * (row % perWord);
    return (word >>> shift) & ((1 << bits) - 1);
  }
}
