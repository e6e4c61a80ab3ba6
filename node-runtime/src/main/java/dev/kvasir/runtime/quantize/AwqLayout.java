package dev.kvasir.runtime.quantize;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.device.ElementType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/** AutoAWQ's GEMM layout: transposed, eight outputs in a word, their nibbles interleaved. */
final class AwqLayout implements WeightLayout {
  private static final int PER_WORD = 8;
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;

  /** The shift of each of a word's outputs. */
  private static final int[] SHIFTS = {0, 16, 4, 20, 8, 24, 12, 28};

  private final int groupSize;
  private final Elements scaleType = new Elements(ElementType.F16);
  private final GroupRounding rounding;

  AwqLayout(int groupSize) {
    this.groupSize = groupSize;
    this.rounding = new GroupRounding(groupSize, false, scaleType);
  }

  @Override
  public Optional<GroupRounding> rounding() {
    return Optional.of(rounding);
  }

  @Override
  public List<OutputTensor> tensors(String layer, int rows, int columns) {
    long groups = columns / groupSize;
    long words = rows / PER_WORD;
    return List.of(
        OutputTensor.of(layer + ".qweight", "I32", 4, columns, words),
        OutputTensor.of(layer + ".qzeros", "I32", 4, groups, words),
        OutputTensor.of(layer + ".scales", "F16", 2, groups, rows));
  }

  @Override
  public void write(WeightRows weight, float[] importance, List<MemorySegment> to) {
    int words = weight.rows() / PER_WORD;
    IntStream.range(0, words)
        .parallel()
        .forEach(word -> {
          float[] row = new float[weight.columns()];
          GroupRounding.Row rounded = GroupRounding.Row.of(weight.columns(), groupSize);
          for (int n = word * PER_WORD; n < (word + 1) * PER_WORD; n++) {
            weight.read(n, row);
            rounding.round(row, importance, rounded);
            write(n, weight.rows(), rounded, to);
          }
        });
  }

  private void write(int n, int rows, GroupRounding.Row row, List<MemorySegment> to) {
    int words = rows / PER_WORD;
    int shift = SHIFTS[n % PER_WORD];
    for (int k = 0; k < row.q().length; k++) {
      add(to.get(0), (long) k * words + n / PER_WORD, row.q()[k] << shift);
    }
    for (int group = 0; group < row.scales().length; group++) {
      add(to.get(1), (long) group * words + n / PER_WORD, row.zeros()[group] << shift);
      scaleType.set(to.get(2), (long) group * rows + n, row.scales()[group]);
    }
  }

  private static void add(MemorySegment words, long index, int bits) {
    words.set(INT, 4 * index, words.get(INT, 4 * index) | bits);
  }

  @Override
  public ObjectNode config() {
    ObjectNode config = JsonNodeFactory.instance.objectNode();
    config.put("quant_method", "awq").put("bits", 4).put("group_size", groupSize);
    config.put("zero_point", true).put("version", "gemm");
    config.putArray("modules_to_not_convert").add("lm_head");
    return config;
  }

  @Override
  public String objection(int rows, int columns) {
    if (rows % PER_WORD != 0) {
      return "its %d outputs are no multiple of %d".formatted(rows, PER_WORD);
    }
    return columns % groupSize == 0
        ? null
        : "its %d inputs are no multiple of --group-size %d".formatted(columns, groupSize);
  }
}
