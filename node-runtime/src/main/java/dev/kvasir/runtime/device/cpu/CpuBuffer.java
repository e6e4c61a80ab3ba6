package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Buffer;

/** Rows of float32, one after another. */
final class CpuBuffer implements Buffer {
  private final float[] data;
  private final int columns;
  private int rows;

  CpuBuffer(int maxRows, int columns) {
    this.data = new float[Math.multiplyExact(maxRows, columns)];
    this.columns = columns;
  }

  static CpuBuffer of(Buffer buffer) {
    return (CpuBuffer) buffer;
  }

  float[] data() {
    return data;
  }

  int columns() {
    return columns;
  }

  int rows() {
    return rows;
  }

  void setRows(int rows) {
    this.rows = rows;
  }
}
