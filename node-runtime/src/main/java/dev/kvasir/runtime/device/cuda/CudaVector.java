package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.WeightVector;

/** A vector in float32. */
record CudaVector(DeviceBuffer values, int length) implements WeightVector {
  static CudaVector of(WeightVector vector) {
    return (CudaVector) vector;
  }
}
