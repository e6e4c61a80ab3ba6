package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.model.Safetensors;

/**
 * A tensor that is to be written.
 *
 * @param bytes of the whole
 */
record OutputTensor(String name, String dtype, long bytes, long... shape) {

  static OutputTensor of(String name, String dtype, int bytesEach, long... shape) {
    long bytes = bytesEach;
    for (long dimension : shape) {
      bytes = Math.multiplyExact(bytes, dimension);
    }
    return new OutputTensor(name, dtype, bytes, shape);
  }

  static OutputTensor of(String name, ElementType type, long... shape) {
    return of(name, type.name(), type.bytes(), shape);
  }

  static OutputTensor like(String name, Safetensors.Tensor tensor) {
    return new OutputTensor(name, tensor.dtype(), tensor.data().byteSize(), tensor.shape());
  }
}
