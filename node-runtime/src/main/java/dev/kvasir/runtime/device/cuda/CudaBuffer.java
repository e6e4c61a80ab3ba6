package dev.kvasir.runtime.device.cuda;

import dev.kvasir.runtime.device.Buffer;

/**
 * Rows of activations on the GPU: bfloat16, or the 8 bits that the next product takes; logits are
 * float32.
 */
final class CudaBuffer implements Buffer {
  private final DeviceBuffer data;
  private final DeviceBuffer scales;
  private final int columns;
  private final boolean floats;
  private int rows;
  private Quantization quantization;

  private CudaBuffer(DeviceBuffer data, DeviceBuffer scales, int columns, boolean floats) {
    this.data = data;
    this.scales = scales;
    this.columns = columns;
    this.floats = floats;
  }

  static CudaBuffer bf16(DeviceMemory memory, int rows, int columns) {
    return new CudaBuffer(
        memory.allocate(DeviceMemory.Use.ACTIVATIONS, bf16Bytes(rows, columns)),
        memory.allocate(DeviceMemory.Use.ACTIVATIONS, scaleBytes(rows, columns)),
        columns,
        false);
  }

  static CudaBuffer float32(DeviceMemory memory, int rows, int columns) {
    return new CudaBuffer(
        memory.allocate(DeviceMemory.Use.ACTIVATIONS, 4L * rows * columns), null, columns, true);
  }

  static long bf16Bytes(int rows, int columns) {
    return 2L * rows * columns;
  }

  /** Of a scale for each 128 columns. */
  static long scaleBytes(int rows, int columns) {
    return 4L * rows * Math.ceilDiv(columns, 128);
  }

  static CudaBuffer of(Buffer buffer) {
    return (CudaBuffer) buffer;
  }

  DeviceBuffer data() {
    return data;
  }

  int columns() {
    return columns;
  }

  boolean floats() {
    return floats;
  }

  int rows() {
    return rows;
  }

  /** How its rows are quantized; null where they are not. */
  Quantization quantization() {
    return quantization;
  }

  /** Its rows are about to be written in its own type. */
  DeviceBuffer write(int count) {
    rows = count;
    quantization = null;
    return data;
  }

  /** Its rows are about to be written in 8 bits. */
  QuantizedRows write(int count, Quantization as) {
    rows = count;
    quantization = as;
    return as.rows(data, scales);
  }

  /** Its rows as they were quantized. */
  QuantizedRows quantizedRows() {
    return quantization.rows(data, scales);
  }

  /** Its rows in its own type. */
  DeviceBuffer read() {
    if (quantization != null) {
      throw new IllegalStateException("rows of %s are read as plain".formatted(quantization));
    }
    return data;
  }
}
