package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * The arithmetic of {@link ByteTiles}. A byte moves to the top of its lane and becomes a float
 * there, 2^24 times too large, which the scale makes up for without rounding.
 */
final class ByteKernel {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;
  private static final int TOP = 0xFF000000;
  private static final int TOP_MAGNITUDE = 0x7F000000;
  private static final float SHIFTED = 0x1p24f;
  private static final float UNSHIFTED = 0x1p-24f;

  /** The bias of a float's exponent is 127, that of E4M3 is 7. */
  private static final float REBIAS = 0x1p120f;

  /** Times {@link #REBIAS} it is a float still. */
  static final float LARGEST_E4M3_SCALE = 0x1p7f;

  private static final int SIGN_AND_MAGNITUDE = 0x87F00000;

  private ByteKernel() {}

  /** Columns of a row, whole vectors, as float32. */
  static void expand(
      MemorySegment w,
      long row,
      int fromColumn,
      int toColumn,
      float zero,
      float scale,
      float[] out,
      int at) {
    FloatVector shiftedZero = FloatVector.broadcast(Lanes.F, zero * SHIFTED);
    FloatVector unshift = FloatVector.broadcast(Lanes.F, scale * UNSHIFTED);
    for (int k = fromColumn; k < toColumn; k += Lanes.COUNT) {
      IntVector top = top(w, row, k).and(TOP);
      floats(top).sub(shiftedZero).mul(unshift).intoArray(out, at + k);
    }
  }

  /** Columns of E4M3, whole vectors: exponent and fraction go to a float's places. */
  static void expandE4m3(
      MemorySegment w, long row, int fromColumn, int toColumn, float scale, float[] out, int at) {
    for (int k = fromColumn; k < toColumn; k += Lanes.COUNT) {
      IntVector top = top(w, row, k);
      IntVector magnitude = top.and(TOP_MAGNITUDE).lanewise(LSHR, 4);
      IntVector bits = top.and(Integer.MIN_VALUE).or(magnitude);
      bits.reinterpretAsFloats().mul(REBIAS).mul(scale).intoArray(out, at + k);
    }
  }

  /** A vector of columns in the top bytes of its lanes. */
  private static IntVector top(MemorySegment w, long row, int column) {
    int inBlock = column & (ByteTiles.BLOCK - 1);
    long block = row + 4L * (column - inBlock);
    return load(w, block).lanewise(LSHL, 24 - 8 * (inBlock / Lanes.COUNT));
  }

  /**
   * One input row times four rows of signed integers without zeros, in groups of whole blocks; four
   * sums.
   */
  static void oneByFour(float[] x, int x0, ByteTiles tiles, int row, float[] sums) {
    MemorySegment w = tiles.data();
    MemorySegment scales = tiles.scales();
    int groups = tiles.columns().groups();
    int groupWidth = tiles.columns().groupWidth();
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int group = 0; group < groups; group++) {
      FloatVector s0 = scale(scales, row * groups + group);
      FloatVector s1 = scale(scales, (row + 1) * groups + group);
      FloatVector s2 = scale(scales, (row + 2) * groups + group);
      FloatVector s3 = scale(scales, (row + 3) * groups + group);
      long from = tiles.at(row, group * groupWidth);
      int xAt = x0 + group * groupWidth;
      for (int k = 0; k < groupWidth; k += ByteTiles.BLOCK) {
        IntVector p0 = load(w, from + 4L * k);
        IntVector p1 = load(w, from + 4L * k + ByteTiles.BLOCK);
        IntVector p2 = load(w, from + 4L * k + 2L * ByteTiles.BLOCK);
        IntVector p3 = load(w, from + 4L * k + 3L * ByteTiles.BLOCK);
        // A short loop: were it written out, the compiler would give up on so long a method.
        for (int i = 0; i < 4; i++) {
          int shift = 24 - 8 * i;
          FloatVector v = FloatVector.fromArray(Lanes.F, x, xAt + k + i * Lanes.COUNT);
          a0 = v.fma(floats(p0.lanewise(LSHL, shift).and(TOP)).mul(s0), a0);
          a1 = v.fma(floats(p1.lanewise(LSHL, shift).and(TOP)).mul(s1), a1);
          a2 = v.fma(floats(p2.lanewise(LSHL, shift).and(TOP)).mul(s2), a2);
          a3 = v.fma(floats(p3.lanewise(LSHL, shift).and(TOP)).mul(s3), a3);
        }
      }
    }
    a0.intoArray(sums, 0);
    a1.intoArray(sums, Lanes.COUNT);
    a2.intoArray(sums, 2 * Lanes.COUNT);
    a3.intoArray(sums, 3 * Lanes.COUNT);
  }

  /**
   * One input row times four rows of E4M3, in groups of whole blocks; four sums.
   *
   * <p>Scale and bias are one factor: that rounds as one after the other would, unless the factor
   * is too large for a float, which {@link #LARGEST_E4M3_SCALE} bounds.
   */
  static void oneByFourE4m3(float[] x, int x0, ByteTiles tiles, int row, float[] sums) {
    MemorySegment w = tiles.data();
    MemorySegment scales = tiles.scales();
    int groups = tiles.columns().groups();
    int groupWidth = tiles.columns().groupWidth();
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = a0;
    FloatVector a2 = a0;
    FloatVector a3 = a0;
    for (int group = 0; group < groups; group++) {
      FloatVector s0 = e4m3Scale(scales, row * groups + group);
      FloatVector s1 = e4m3Scale(scales, (row + 1) * groups + group);
      FloatVector s2 = e4m3Scale(scales, (row + 2) * groups + group);
      FloatVector s3 = e4m3Scale(scales, (row + 3) * groups + group);
      long from = tiles.at(row, group * groupWidth);
      int xAt = x0 + group * groupWidth;
      for (int k = 0; k < groupWidth; k += ByteTiles.BLOCK) {
        IntVector p0 = load(w, from + 4L * k);
        IntVector p1 = load(w, from + 4L * k + ByteTiles.BLOCK);
        IntVector p2 = load(w, from + 4L * k + 2L * ByteTiles.BLOCK);
        IntVector p3 = load(w, from + 4L * k + 3L * ByteTiles.BLOCK);
        for (int i = 0; i < 4; i++) {
          int shift = 24 - 8 * i;
          FloatVector v = FloatVector.fromArray(Lanes.F, x, xAt + k + i * Lanes.COUNT);
          a0 = v.fma(placed(p0.lanewise(LSHL, shift)).mul(s0), a0);
          a1 = v.fma(placed(p1.lanewise(LSHL, shift)).mul(s1), a1);
          a2 = v.fma(placed(p2.lanewise(LSHL, shift)).mul(s2), a2);
          a3 = v.fma(placed(p3.lanewise(LSHL, shift)).mul(s3), a3);
        }
      }
    }
    a0.intoArray(sums, 0);
    a1.intoArray(sums, Lanes.COUNT);
    a2.intoArray(sums, 2 * Lanes.COUNT);
    a3.intoArray(sums, 3 * Lanes.COUNT);
  }

  /** A byte at the top of its lane with exponent and fraction at a float's places. */
  private static FloatVector placed(IntVector top) {
    return top.lanewise(ASHR, 4).and(SIGN_AND_MAGNITUDE).reinterpretAsFloats();
  }

  private static FloatVector e4m3Scale(MemorySegment scales, int group) {
    return FloatVector.broadcast(Lanes.F, scales.get(FLOAT, 4L * group) * REBIAS);
  }

  /**
   * Four input rows times four rows of signed integers without zeros, in groups of whole blocks.
   *
   * @param sums takes the sums' sixteen vectors
   */
  static void fourByFour(float[] x, int x0, ByteTiles tiles, int row, float[] sums) {
    MemorySegment w = tiles.data();
    MemorySegment scales = tiles.scales();
    int groups = tiles.columns().groups();
    int groupWidth = tiles.columns().groupWidth();
    int stride = tiles.width();
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
    for (int group = 0; group < groups; group++) {
      FloatVector s0 = scale(scales, row * groups + group);
      FloatVector s1 = scale(scales, (row + 1) * groups + group);
      FloatVector s2 = scale(scales, (row + 2) * groups + group);
      FloatVector s3 = scale(scales, (row + 3) * groups + group);
      long from = tiles.at(row, group * groupWidth);
      int xAt = x0 + group * groupWidth;
      for (int k = 0; k < groupWidth; k += ByteTiles.BLOCK) {
        IntVector p0 = load(w, from + 4L * k);
        IntVector p1 = load(w, from + 4L * k + ByteTiles.BLOCK);
        IntVector p2 = load(w, from + 4L * k + 2L * ByteTiles.BLOCK);
        IntVector p3 = load(w, from + 4L * k + 3L * ByteTiles.BLOCK);
        for (int i = 0; i < 4; i++) {
          int shift = 24 - 8 * i;
          int at = xAt + k + i * Lanes.COUNT;
          FloatVector w0 = floats(p0.lanewise(LSHL, shift).and(TOP)).mul(s0);
          FloatVector w1 = floats(p1.lanewise(LSHL, shift).and(TOP)).mul(s1);
          FloatVector w2 = floats(p2.lanewise(LSHL, shift).and(TOP)).mul(s2);
          FloatVector w3 = floats(p3.lanewise(LSHL, shift).and(TOP)).mul(s3);
          FloatVector v;
          v = FloatVector.fromArray(Lanes.F, x, at + 0 * stride);
          a00 = v.fma(w0, a00);
          a01 = v.fma(w1, a01);
          a02 = v.fma(w2, a02);
          a03 = v.fma(w3, a03);
          v = FloatVector.fromArray(Lanes.F, x, at + 1 * stride);
          a10 = v.fma(w0, a10);
          a11 = v.fma(w1, a11);
          a12 = v.fma(w2, a12);
          a13 = v.fma(w3, a13);
          v = FloatVector.fromArray(Lanes.F, x, at + 2 * stride);
          a20 = v.fma(w0, a20);
          a21 = v.fma(w1, a21);
          a22 = v.fma(w2, a22);
          a23 = v.fma(w3, a23);
          v = FloatVector.fromArray(Lanes.F, x, at + 3 * stride);
          a30 = v.fma(w0, a30);
          a31 = v.fma(w1, a31);
          a32 = v.fma(w2, a32);
          a33 = v.fma(w3, a33);
        }
      }
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

  private static FloatVector scale(MemorySegment scales, int group) {
    return FloatVector.broadcast(Lanes.F, scales.get(FLOAT, 4L * group) * UNSHIFTED);
  }

  private static IntVector load(MemorySegment w, long at) {
    return IntVector.fromMemorySegment(Lanes.I, w, at, ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatVector floats(IntVector ints) {
    return (FloatVector) ints.convert(I2F, 0);
  }
}
