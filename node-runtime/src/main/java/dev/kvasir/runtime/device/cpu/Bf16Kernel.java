package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** Four input rows times four rows of bfloat16, which become floats in registers. */
final class Bf16Kernel {
  private static final int HIGH = 0xFFFF0000;

  private Bf16Kernel() {}

  /** Leaves the sums' sixteen vectors in {@code sums}. */
  static void fourByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int width, float[] sums) {
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
    for (int k = 0; k < width; k += 2 * Lanes.COUNT) {
      long at = w0 + 2L * k;
      IntVector p0 = load(w, at);
      IntVector p1 = load(w, at + wStride);
      IntVector p2 = load(w, at + 2 * wStride);
      IntVector p3 = load(w, at + 3 * wStride);
      FloatVector w0f = p0.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector w1f = p1.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector w2f = p2.lanewise(LSHL, 16).reinterpretAsFloats();
      FloatVector w3f = p3.lanewise(LSHL, 16).reinterpretAsFloats();
      int xAt = x0 + k;
      FloatVector v;
      v = FloatVector.fromArray(Lanes.F, x, xAt + 0 * width);
      a00 = v.fma(w0f, a00);
      a01 = v.fma(w1f, a01);
      a02 = v.fma(w2f, a02);
      a03 = v.fma(w3f, a03);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 1 * width);
      a10 = v.fma(w0f, a10);
      a11 = v.fma(w1f, a11);
      a12 = v.fma(w2f, a12);
      a13 = v.fma(w3f, a13);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 2 * width);
      a20 = v.fma(w0f, a20);
      a21 = v.fma(w1f, a21);
      a22 = v.fma(w2f, a22);
      a23 = v.fma(w3f, a23);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 3 * width);
      a30 = v.fma(w0f, a30);
      a31 = v.fma(w1f, a31);
      a32 = v.fma(w2f, a32);
      a33 = v.fma(w3f, a33);
      w0f = p0.and(HIGH).reinterpretAsFloats();
      w1f = p1.and(HIGH).reinterpretAsFloats();
      w2f = p2.and(HIGH).reinterpretAsFloats();
      w3f = p3.and(HIGH).reinterpretAsFloats();
      xAt += Lanes.COUNT;
      v = FloatVector.fromArray(Lanes.F, x, xAt + 0 * width);
      a00 = v.fma(w0f, a00);
      a01 = v.fma(w1f, a01);
      a02 = v.fma(w2f, a02);
      a03 = v.fma(w3f, a03);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 1 * width);
      a10 = v.fma(w0f, a10);
      a11 = v.fma(w1f, a11);
      a12 = v.fma(w2f, a12);
      a13 = v.fma(w3f, a13);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 2 * width);
      a20 = v.fma(w0f, a20);
      a21 = v.fma(w1f, a21);
      a22 = v.fma(w2f, a22);
      a23 = v.fma(w3f, a23);
      v = FloatVector.fromArray(Lanes.F, x, xAt + 3 * width);
      a30 = v.fma(w0f, a30);
      a31 = v.fma(w1f, a31);
      a32 = v.fma(w2f, a32);
      a33 = v.fma(w3f, a33);
    }
    a00.intoArray(sums, 0 * Lanes.COUNT);
    a01.intoArray(sums, 1 * Lanes.COUNT);
    a02.intoArray(sums, 2 * Lanes.COUNT);
    a03.intoArray(sums, 3 * Lanes.COUNT);
    a10.intoArray(sums, 4 * Lanes.COUNT);
    a11.intoArray(sums, 5 * Lanes.COUNT);
    a12.intoArray(sums, 6 * Lanes.COUNT);
    a13.intoArray(sums, 7 * Lanes.COUNT);
    a20.intoArray(sums, 8 * Lanes.COUNT);
    a21.intoArray(sums, 9 * Lanes.COUNT);
    a22.intoArray(sums, 10 * Lanes.COUNT);
    a23.intoArray(sums, 11 * Lanes.COUNT);
    a30.intoArray(sums, 12 * Lanes.COUNT);
    a31.intoArray(sums, 13 * Lanes.COUNT);
    a32.intoArray(sums, 14 * Lanes.COUNT);
    a33.intoArray(sums, 15 * Lanes.COUNT);
  }

  private static IntVector load(MemorySegment w, long at) {
    return IntVector.fromMemorySegment(Lanes.I, w, at, ByteOrder.LITTLE_ENDIAN);
  }
}
