package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import dev.kvasir.runtime.engine.StartupException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Arrays;
import java.util.Optional;

/**
 * 8-bit floats as they are, with scales that are multiplied with.
 *
 * @param blockRows rows that share a scale; 0 takes them all
 * @param blockColumns columns that share a scale; 0 takes them all
 */
record Float8Form(int blockRows, int blockColumns, Activations activations) implements StoredForm {

  /** How the format wants activations quantized. */
  enum Activations {
    AS_THEY_ARE,
    STATIC,
    PER_TOKEN,
    PER_GROUP
  }

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.has(layer + ".weight", "F8_E4M3");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    MemorySegment data = tensors.data(layer + ".weight", "F8_E4M3", rows, columns);
    // Despite its name the "inverse" is multiplied with, too.
    String inverse = layer + ".weight_scale_inv";
    String name = tensors.has(inverse) ? inverse : layer + ".weight_scale";
    long[] shape = tensors.any(name).shape();
    HostWeight.Fp8 weight =
        scaledAs(name, shape, rows, columns)
            .allocate(rows, columns, data, activationScale(tensors, layer), scratch);
    PackedWeights.write(tensors.floats(name, shape), weight.scales());
    return new Linear(weight, Optional.empty());
  }

  /** A config need not say whether one scale is for the whole or one for each row: shapes do. */
  private Float8Form scaledAs(String name, long[] shape, int rows, int columns) {
    long scales = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    boolean blocks = blockColumns > 0;
    if (blocks
        && Arrays.equals(
            shape,
            new long[] {Math.ceilDiv(rows, blockRows), Math.ceilDiv(columns, blockColumns)})) {
      return this;
    }
    if (!blocks && scales == 1 && shape.length <= 2) {
      return new Float8Form(0, 0, activations);
    }
    if (!blocks && shape.length >= 1 && shape.length <= 2 && shape[0] == rows && scales == rows) {
      return new Float8Form(1, 0, activations);
    }
    throw new StartupException(
        "tensor '%s' has shape %s, which fits no scaling of a %d x %d matrix%s"
            .formatted(
                name,
                Arrays.toString(shape),
                rows,
                columns,
                blocks ? " in blocks of %d x %d".formatted(blockRows, blockColumns) : ""));
  }

  String scalingInWords() {
    if (blockColumns > 0) {
      return "blocks of %d x %d".formatted(blockRows, blockColumns);
    }
    return blockRows == 1 ? "a scale per channel" : "a scale per tensor";
  }

  private ActivationScale activationScale(Tensors tensors, String layer) {
    String transformers = layer + ".activation_scale";
    String name = tensors.has(transformers) ? transformers : layer + ".input_scale";
    if (activations != Activations.STATIC) {
      tensors.ignore(name);
      return dynamicScale();
    }
    float[] scale = tensors.floats(name, tensors.any(name).shape());
    if (scale.length != 1 || !(scale[0] > 0 && scale[0] <= Float.MAX_VALUE)) {
      throw new StartupException(
          "tensor '%s' must hold one positive number, got %s"
              .formatted(name, Arrays.toString(Arrays.copyOf(scale, Math.min(4, scale.length)))));
    }
    return new ActivationScale.PerTensor(scale[0]);
  }

  private ActivationScale dynamicScale() {
    return switch (activations) {
      case AS_THEY_ARE -> new ActivationScale.None();
      case PER_TOKEN, STATIC -> new ActivationScale.PerToken();
      case PER_GROUP -> new ActivationScale.PerGroup(blockColumns == 0 ? 128 : blockColumns);
    };
  }

  @Override
  public HostWeight.Fp8 allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    MemorySegment data = PackedWeights.bytes((long) rows * columns, arena);
    return allocate(rows, columns, data, dynamicScale(), arena);
  }

  private HostWeight.Fp8 allocate(
      int rows,
      int columns,
      MemorySegment data,
      ActivationScale activation,
      SegmentAllocator arena) {
    int height = blockRows == 0 ? rows : blockRows;
    int width = blockColumns == 0 ? columns : blockColumns;
    long blocks = (long) Math.ceilDiv(rows, height) * Math.ceilDiv(columns, width);
    MemorySegment scales = PackedWeights.bytes(4 * blocks, arena);
    return new HostWeight.Fp8(rows, columns, height, width, data, scales, activation);
  }
}
