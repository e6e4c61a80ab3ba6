package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Products of float32 rows with float32 rows. Each output is one accumulator over the columns in
 * order, so it does not depend on the tile.
 */
final class F32Tiles implements Tiles {
  @Override
  public void expand(MemorySegment w, long w0, int columns, float[] out, int at) {
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      load(w, w0 + 4L * k).intoArray(out, at + k);
    }
  }

  @Override
  public void oneByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int columns, float[] y, int y0) {
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = FloatVector.zero(Lanes.F);
    FloatVector a2 = FloatVector.zero(Lanes.F);
    FloatVector a3 = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      long at = w0 + 4L * k;
      int xAt = x0 + k;
      FloatVector xs = FloatVector.fromArray(Lanes.F, x, xAt);
      a0 = xs.fma(load(w, at), a0);
      a1 = xs.fma(load(w, at + 1 * wStride), a1);
      a2 = xs.fma(load(w, at + 2 * wStride), a2);
      a3 = xs.fma(load(w, at + 3 * wStride), a3);
    }
    Lanes.sum4(a0, a1, a2, a3, y, y0);
  }

  @Override
  public float oneByOne(float[] x, int x0, MemorySegment w, long w0, int columns) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      a = FloatVector.fromArray(Lanes.F, x, x0 + k).fma(load(w, w0 + 4L * k), a);
    }
    return Lanes.sum(a);
  }

  private static FloatVector load(MemorySegment w, long at) {
    return FloatVector.fromMemorySegment(Lanes.F, w, at, ByteOrder.LITTLE_ENDIAN);
  }
}
