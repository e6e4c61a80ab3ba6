package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ActivationScale;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/**
 * compressed-tensors' int-quantized: a signed byte for each weight.
 *
 * @param activation what it wants of the activations
 */
record PlainIntForm(IntScaling scaling, ActivationScale activation) implements StoredForm {

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.has(layer + ".weight", "I8");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    MemorySegment data = tensors.data(layer + ".weight", "I8", rows, columns);
    HostWeight.Int8 weight =
        PackedWeights.int8(
            rows, columns, scaling.group(columns), !scaling.symmetric(), data, activation, scratch);
    scaling.readScales(tensors, layer, rows, columns, weight.scales());
    if (!scaling.symmetric()) {
      scaling.readZeros(tensors, layer, rows, columns, weight.zeros());
      weight = PackedWeights.withoutNeedlessZeros(weight);
    }
    // Where the device quantizes activations, it finds a scale for each row: no worse than this.
    tensors.ignore(layer + ".input_scale");
    tensors.ignore(layer + ".input_zero_point");
    return new Linear(weight, Optional.empty());
  }

  @Override
  public HostWeight allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    MemorySegment data = PackedWeights.bytes((long) rows * columns, arena);
    return PackedWeights.int8(
        rows, columns, scaling.group(columns), !scaling.symmetric(), data, activation, arena);
  }
}
