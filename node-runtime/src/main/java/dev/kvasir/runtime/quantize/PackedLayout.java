package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.device.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * compressed-tensors' pack-quantized: 4 bits in groups, without zeros, since transformers does not
 * load packed ones.
 */
final class PackedLayout implements WeightLayout {
  private static final int PER_WORD = 8;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  private final int groupSize;
  private final Elements scaleType;
  private final GroupRounding rounding;

  PackedLayout(int groupSize, ElementType scaleType) {
    this.groupSize = groupSize;
    this.scaleType = new Elements(scaleType);
    this.rounding = new GroupRounding(groupSize, true, this.scaleType);
  }

  @Override
  public Optional<GroupRounding> rounding() {
    return Optional.of(rounding);
  }

  @Override
  public List<OutputTensor> tensors(String layer, int rows, int columns) {
    long groups = columns / groupSize;
    ElementType type = scaleType.type();
    return List.of(
        OutputTensor.of(layer + ".weight_packed", "I32", 4, rows, columns / PER_WORD),
        OutputTensor.of(layer + ".weight_scale", type, rows, groups),
        OutputTensor.of(layer + ".weight_shape", "I64", 8, 2));
  }

  @Override
  public void write(WeightRows weight, float[] importance, List<MemorySegment> to) {
    to.get(2).set(ValueLayout.JAVA_LONG_UNALIGNED, 0, weight.rows());
    to.get(2).set(ValueLayout.JAVA_LONG_UNALIGNED, 8, weight.columns());
    IntStream.range(0, weight.rows())
        .parallel()
        .forEach(n -> {
          float[] row = new float[weight.columns()];
          GroupRounding.Row rounded = GroupRounding.Row.of(weight.columns(), groupSize);
          weight.read(n, row);
          rounding.round(row, importance, rounded);
          write(n, rounded, to);
        });
  }

  private void write(int n, GroupRounding.Row row, List<MemorySegment> to) {
    int words = row.q().length / PER_WORD;
    for (int i = 0; i < words; i++) {
      int word = 0;
      for (int j = 0; j < PER_WORD; j++) {
        word |= row.q()[i * PER_WORD + j] << (4 * j);
      }
      to.get(0).set(INT, 4 * ((long) n * words + i), word);
    }
    int groups = row.scales().length;
    for (int group = 0; group < groups; group++) {
      scaleType.set(to.get(1), (long) n * groups + group, row.scales()[group]);
    }
  }

  @Override
  public ObjectNode config() {
    return CompressedTensorsConfig.of("pack-quantized", CompressedTensorsConfig.int4(groupSize));
  }

  @Override
  public String objection(int rows, int columns) {
    return columns % groupSize == 0
        ? null
        : "its %d inputs are no multiple of --group-size %d".formatted(columns, groupSize);
  }
}
