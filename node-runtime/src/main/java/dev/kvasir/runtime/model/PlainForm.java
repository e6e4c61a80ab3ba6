package dev.kvasir.runtime.model;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.device.HostWeight;
import dev.kvasir.runtime.device.Linear;
import java.lang.foreign.SegmentAllocator;
import java.util.Optional;

/** Not quantized. */
record PlainForm() implements StoredForm {

  @Override
  public boolean isIn(Tensors tensors, String layer) {
    return tensors.hasPlain(layer + ".weight");
  }

  @Override
  public Linear read(
      Tensors tensors, String layer, int rows, int columns, SegmentAllocator scratch) {
    String name = layer + ".weight";
    Safetensors.Tensor tensor = tensors.get(name, rows, columns);
    ElementType type = Tensors.elementType(name, tensor);
    return new Linear(new HostWeight.Dense(type, rows, columns, tensor.data()), Optional.empty());
  }

  @Override
  public HostWeight allocate(String layer, int rows, int columns, SegmentAllocator arena) {
    return new HostWeight.Dense(
        ElementType.BF16, rows, columns, arena.allocate(2L * rows * columns, 64));
  }
}
