package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Weight;
import java.util.List;

/**
 * A linear layer on the GPU: parts below one another, most often one.
 *
 * @param bias float32, or null
 */
record CudaWeight(List<Part> parts, int rows, int columns, DeviceBuffer bias) implements Weight {

  /**
   * Rows that one kernel computes.
   *
   * @param order which input each column reads, or null
   * @param input how it takes its input in 8 bits, or null
   */
  record Part(int firstRow, int rows, DeviceBuffer order, Quantization input, Form form) {}

  /** What a kernel reads. */
  sealed interface Form {
    record Bf16(DeviceBuffer tiles) implements Form {}

    record Int4(LinearInt4.Weight weight) implements Form {}

    record Int8(LinearInt8.Weight weight) implements Form {}

    record Fp8(LinearFp8.Weight weight) implements Form {}
  }

  static CudaWeight of(Weight weight) {
    return (CudaWeight) weight;
  }

  /** The 8 bits in which all of it takes its input; null where it does not, or parts differ. */
  Quantization input() {
    Quantization first = parts.getFirst().input();
    for (Part part : parts) {
      if (part.order() != null || part.input() == null || !part.input().equals(first)) {
        return null;
      }
    }
    return first;
  }

  /** Its tiles, where it is one plain matrix: an embedding table. */
  DeviceBuffer tiles() {
    if (parts.size() == 1 && parts.getFirst().form() instanceof Form.Bf16 plain) {
      return plain.tiles();
    }
    throw new IllegalArgumentException("rows of a quantized matrix are looked up");
  }
}
