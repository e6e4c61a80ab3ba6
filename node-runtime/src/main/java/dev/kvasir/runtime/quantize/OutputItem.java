package dev.kvasir.runtime.quantize;

import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Tensors that are made together, when their turn comes.
 *
 * @param fill writes them into zeroed segments, one each
 */
record OutputItem(List<OutputTensor> tensors, Fill fill) {
  /** Makes the contents. */
  @FunctionalInterface
  interface Fill {
    void into(List<MemorySegment> segments);
  }

  long bytes() {
    return tensors.stream().mapToLong(OutputTensor::bytes).sum();
  }
}
