package dev.kvasir.runtime.quantize;

import dev.kvasir.runtime.device.ElementType;
import dev.kvasir.runtime.model.Safetensors;
import java.lang.foreign.MemorySegment;

/** A tensor of plain elements in a checkpoint. */
record PlainTensor(Elements elements, MemorySegment data, long[] shape) {

  static PlainTensor of(ElementType type, Safetensors.Tensor tensor) {
    return new PlainTensor(new Elements(type), tensor.data(), tensor.shape());
  }

  float[] vector() {
    float[] values = new float[Math.toIntExact(shape[0])];
    for (int i = 0; i < values.length; i++) {
      values[i] = elements.get(data, i);
    }
    return values;
  }

  WeightRows rows() {
    int rows = Math.toIntExact(shape[0]);
    int columns = Math.toIntExact(shape[1]);
    return new WeightRows() {
      @Override
      public int rows() {
        return rows;
      }

      @Override
      public int columns() {
        return columns;
      }

      @Override
      public void read(int row, float[] into) {
        long at = (long) row * columns;
        for (int k = 0; k < columns; k++) {
          into[k] = elements.get(data, at + k);
        }
      }
    };
  }
}
