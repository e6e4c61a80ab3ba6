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
  public void fourByFour(
      float[] x,
      int x0,
      int xStride,
      MemorySegment w,
      long w0,
      long wStride,
      int columns,
      float[] y,
      int y0,
      int yStride) {
    FloatVector a00 = FloatVector.zero(Lanes.F);
    FloatVector a01 = FloatVector.zero(Lanes.F);
    FloatVector a02 = FloatVector.zero(Lanes.F);
    FloatVector a03 = FloatVector.zero(Lanes.F);
    FloatVector a10 = FloatVector.zero(Lanes.F);
    FloatVector a11 = FloatVector.zero(Lanes.F);
    FloatVector a12 = FloatVector.zero(Lanes.F);
    FloatVector a13 = FloatVector.zero(Lanes.F);
    FloatVector a20 = FloatVector.zero(Lanes.F);
    FloatVector a21 = FloatVector.zero(Lanes.F);
    FloatVector a22 = FloatVector.zero(Lanes.F);
    FloatVector a23 = FloatVector.zero(Lanes.F);
    FloatVector a30 = FloatVector.zero(Lanes.F);
    FloatVector a31 = FloatVector.zero(Lanes.F);
    FloatVector a32 = FloatVector.zero(Lanes.F);
    FloatVector a33 = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      long at = w0 + 4L * k;
      int xAt = x0 + k;
      FloatVector v0 = load(w, at);
      FloatVector v1 = load(w, at + 1 * wStride);
      FloatVector v2 = load(w, at + 2 * wStride);
      FloatVector v3 = load(w, at + 3 * wStride);
      FloatVector r0 = FloatVector.fromArray(Lanes.F, x, xAt);
      a00 = r0.fma(v0, a00);
      a01 = r0.fma(v1, a01);
      a02 = r0.fma(v2, a02);
      a03 = r0.fma(v3, a03);
      FloatVector r1 = FloatVector.fromArray(Lanes.F, x, xAt + 1 * xStride);
      a10 = r1.fma(v0, a10);
      a11 = r1.fma(v1, a11);
      a12 = r1.fma(v2, a12);
      a13 = r1.fma(v3, a13);
      FloatVector r2 = FloatVector.fromArray(Lanes.F, x, xAt + 2 * xStride);
      a20 = r2.fma(v0, a20);
      a21 = r2.fma(v1, a21);
      a22 = r2.fma(v2, a22);
      a23 = r2.fma(v3, a23);
      FloatVector r3 = FloatVector.fromArray(Lanes.F, x, xAt + 3 * xStride);
      a30 = r3.fma(v0, a30);
      a31 = r3.fma(v1, a31);
      a32 = r3.fma(v2, a32);
      a33 = r3.fma(v3, a33);
    }
    Lanes.sum4(a00, a01, a02, a03, y, y0);
    Lanes.sum4(a10, a11, a12, a13, y, y0 + 1 * yStride);
    Lanes.sum4(a20, a21, a22, a23, y, y0 + 2 * yStride);
    Lanes.sum4(a30, a31, a32, a33, y, y0 + 3 * yStride);
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
