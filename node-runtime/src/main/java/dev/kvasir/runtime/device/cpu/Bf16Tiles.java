package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Products of float32 rows with bfloat16 rows. An int lane of the weights holds two neighbours; the
 * inputs are packed likewise ({@link PackedRows}): the even ones of two vectors, then the odd ones.
 * Each output is one accumulator over the columns in order, so it does not depend on the tile.
 */
final class Bf16Tiles implements Tiles {
  private static final int HIGH = 0xFFFF0000;

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
    for (int k = 0; k < columns; k += 2 * Lanes.COUNT) {
      long at = w0 + 2L * k;
      int xAt = x0 + k;
      IntVector p0 = load(w, at);
      IntVector p1 = load(w, at + 1 * wStride);
      IntVector p2 = load(w, at + 2 * wStride);
      IntVector p3 = load(w, at + 3 * wStride);
      FloatVector e0 = even(p0);
      FloatVector e1 = even(p1);
      FloatVector e2 = even(p2);
      FloatVector e3 = even(p3);
      FloatVector ex0 = FloatVector.fromArray(Lanes.F, x, xAt);
      a00 = ex0.fma(e0, a00);
      a01 = ex0.fma(e1, a01);
      a02 = ex0.fma(e2, a02);
      a03 = ex0.fma(e3, a03);
      FloatVector ex1 = FloatVector.fromArray(Lanes.F, x, xAt + 1 * xStride);
      a10 = ex1.fma(e0, a10);
      a11 = ex1.fma(e1, a11);
      a12 = ex1.fma(e2, a12);
      a13 = ex1.fma(e3, a13);
      FloatVector ex2 = FloatVector.fromArray(Lanes.F, x, xAt + 2 * xStride);
      a20 = ex2.fma(e0, a20);
      a21 = ex2.fma(e1, a21);
      a22 = ex2.fma(e2, a22);
      a23 = ex2.fma(e3, a23);
      FloatVector ex3 = FloatVector.fromArray(Lanes.F, x, xAt + 3 * xStride);
      a30 = ex3.fma(e0, a30);
      a31 = ex3.fma(e1, a31);
      a32 = ex3.fma(e2, a32);
      a33 = ex3.fma(e3, a33);
      FloatVector o0 = odd(p0);
      FloatVector o1 = odd(p1);
      FloatVector o2 = odd(p2);
      FloatVector o3 = odd(p3);
      FloatVector ox0 = FloatVector.fromArray(Lanes.F, x, xAt + Lanes.COUNT);
      a00 = ox0.fma(o0, a00);
      a01 = ox0.fma(o1, a01);
      a02 = ox0.fma(o2, a02);
      a03 = ox0.fma(o3, a03);
      FloatVector ox1 = FloatVector.fromArray(Lanes.F, x, xAt + 1 * xStride + Lanes.COUNT);
      a10 = ox1.fma(o0, a10);
      a11 = ox1.fma(o1, a11);
      a12 = ox1.fma(o2, a12);
      a13 = ox1.fma(o3, a13);
      FloatVector ox2 = FloatVector.fromArray(Lanes.F, x, xAt + 2 * xStride + Lanes.COUNT);
      a20 = ox2.fma(o0, a20);
      a21 = ox2.fma(o1, a21);
      a22 = ox2.fma(o2, a22);
      a23 = ox2.fma(o3, a23);
      FloatVector ox3 = FloatVector.fromArray(Lanes.F, x, xAt + 3 * xStride + Lanes.COUNT);
      a30 = ox3.fma(o0, a30);
      a31 = ox3.fma(o1, a31);
      a32 = ox3.fma(o2, a32);
      a33 = ox3.fma(o3, a33);
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
    for (int k = 0; k < columns; k += 2 * Lanes.COUNT) {
      long at = w0 + 2L * k;
      int xAt = x0 + k;
      FloatVector even = FloatVector.fromArray(Lanes.F, x, xAt);
      FloatVector odd = FloatVector.fromArray(Lanes.F, x, xAt + Lanes.COUNT);
      IntVector p0 = load(w, at);
      a0 = odd.fma(odd(p0), even.fma(even(p0), a0));
      IntVector p1 = load(w, at + 1 * wStride);
      a1 = odd.fma(odd(p1), even.fma(even(p1), a1));
      IntVector p2 = load(w, at + 2 * wStride);
      a2 = odd.fma(odd(p2), even.fma(even(p2), a2));
      IntVector p3 = load(w, at + 3 * wStride);
      a3 = odd.fma(odd(p3), even.fma(even(p3), a3));
    }
    Lanes.sum4(a0, a1, a2, a3, y, y0);
  }

  @Override
  public float oneByOne(float[] x, int x0, MemorySegment w, long w0, int columns) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += 2 * Lanes.COUNT) {
      IntVector p = load(w, w0 + 2L * k);
      a = FloatVector.fromArray(Lanes.F, x, x0 + k).fma(even(p), a);
      a = FloatVector.fromArray(Lanes.F, x, x0 + k + Lanes.COUNT).fma(odd(p), a);
    }
    return Lanes.sum(a);
  }

  private static IntVector load(MemorySegment w, long at) {
    return IntVector.fromMemorySegment(Lanes.I, w, at, ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatVector even(IntVector pairs) {
    return pairs.lanewise(LSHL, 16).reinterpretAsFloats();
  }

  private static FloatVector odd(IntVector pairs) {
    return pairs.and(HIGH).reinterpretAsFloats();
  }
}
