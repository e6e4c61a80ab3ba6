package dev.kvasir.runtime.device.cpu;

import jdk.incubator.vector.FloatVector;

/**
 * Four weight rows as float32, small enough for the cache, times four input rows. The sixteen sums
 * leave through memory: a call that takes vectors as arguments may not be inlined here, and then
 * each would be an object.
 */
final class ExpandedTile {
  private ExpandedTile() {}

  /** One input row times the four rows of a tile. */
  static void oneByFour(float[] x, int x0, float[] w, int columns, float[] sums) {
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = FloatVector.zero(Lanes.F);
    FloatVector a2 = FloatVector.zero(Lanes.F);
    FloatVector a3 = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      FloatVector xs = FloatVector.fromArray(Lanes.F, x, x0 + k);
      a0 = xs.fma(FloatVector.fromArray(Lanes.F, w, k), a0);
      a1 = xs.fma(FloatVector.fromArray(Lanes.F, w, k + columns), a1);
      a2 = xs.fma(FloatVector.fromArray(Lanes.F, w, k + 2 * columns), a2);
      a3 = xs.fma(FloatVector.fromArray(Lanes.F, w, k + 3 * columns), a3);
    }
    a0.intoArray(sums, 0);
    a1.intoArray(sums, Lanes.COUNT);
    a2.intoArray(sums, 2 * Lanes.COUNT);
    a3.intoArray(sums, 3 * Lanes.COUNT);
  }

  /** One input row times the first row of a tile. */
  static float oneByOne(float[] x, int x0, float[] w, int columns) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      FloatVector xs = FloatVector.fromArray(Lanes.F, x, x0 + k);
      a = xs.fma(FloatVector.fromArray(Lanes.F, w, k), a);
    }
    return Lanes.sum(a);
  }

  /** Four input rows times the four rows of a tile. */
  static void multiply(float[] x, int x0, float[] w, int columns, float[] sums) {
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
      FloatVector w0 = FloatVector.fromArray(Lanes.F, w, k);
      FloatVector w1 = FloatVector.fromArray(Lanes.F, w, k + 1 * columns);
      FloatVector w2 = FloatVector.fromArray(Lanes.F, w, k + 2 * columns);
      FloatVector w3 = FloatVector.fromArray(Lanes.F, w, k + 3 * columns);
      FloatVector v0 = FloatVector.fromArray(Lanes.F, x, x0 + k);
      a00 = v0.fma(w0, a00);
      a01 = v0.fma(w1, a01);
      a02 = v0.fma(w2, a02);
      a03 = v0.fma(w3, a03);
      FloatVector v1 = FloatVector.fromArray(Lanes.F, x, x0 + k + 1 * columns);
      a10 = v1.fma(w0, a10);
      a11 = v1.fma(w1, a11);
      a12 = v1.fma(w2, a12);
      a13 = v1.fma(w3, a13);
      FloatVector v2 = FloatVector.fromArray(Lanes.F, x, x0 + k + 2 * columns);
      a20 = v2.fma(w0, a20);
      a21 = v2.fma(w1, a21);
      a22 = v2.fma(w2, a22);
      a23 = v2.fma(w3, a23);
      FloatVector v3 = FloatVector.fromArray(Lanes.F, x, x0 + k + 3 * columns);
      a30 = v3.fma(w0, a30);
      a31 = v3.fma(w1, a31);
      a32 = v3.fma(w2, a32);
      a33 = v3.fma(w3, a33);
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
}
