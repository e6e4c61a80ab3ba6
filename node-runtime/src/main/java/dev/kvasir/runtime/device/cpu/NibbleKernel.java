package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.I2F;
import static jdk.incubator.vector.VectorOperators.LSHL;
import static jdk.incubator.vector.VectorOperators.LSHR;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The arithmetic of 4-bit weights and 8-bit inputs in 16-bit lanes, one output to a lane. Products
 * with unsigned nibbles may overflow; with -8 times the inputs' sum as the start a segment's true
 * sum fits, and modulo 2^16 it is exact.
 */
final class NibbleKernel {
  private static final VectorSpecies<Short> S = ShortVector.SPECIES_PREFERRED;
  private static final int LANES = 2 * Lanes.COUNT;
  private static final short LOW = 15;

  private NibbleKernel() {}

  /** A segment's sums for four input rows and a tile. */
  static void fourRows(
      short[] x,
      int x0,
      int stride,
      short[] starts,
      int start,
      int startStride,
      MemorySegment w,
      long w0,
      int words,
      short[] out) {
    ShortVector a0 = ShortVector.broadcast(S, starts[start]);
    ShortVector a1 = a0;
    ShortVector b0 = ShortVector.broadcast(S, starts[start + startStride]);
    ShortVector b1 = b0;
    ShortVector c0 = ShortVector.broadcast(S, starts[start + 2 * startStride]);
    ShortVector c1 = c0;
    ShortVector d0 = ShortVector.broadcast(S, starts[start + 3 * startStride]);
    ShortVector d1 = d0;
    for (int j = 0; j < words; j++) {
      ShortVector p0 = load(w, w0 + 4L * LANES * j);
      ShortVector p1 = load(w, w0 + 4L * LANES * j + 2L * LANES);
      for (int i = 0; i < 4; i++) {
        int k = x0 + 4 * j + i;
        ShortVector u0 = p0.and(LOW);
        ShortVector u1 = p1.and(LOW);
        p0 = p0.lanewise(LSHR, 4);
        p1 = p1.lanewise(LSHR, 4);
        ShortVector v = ShortVector.broadcast(S, x[k]);
        a0 = a0.add(v.mul(u0));
        a1 = a1.add(v.mul(u1));
        v = ShortVector.broadcast(S, x[k + stride]);
        b0 = b0.add(v.mul(u0));
        b1 = b1.add(v.mul(u1));
        v = ShortVector.broadcast(S, x[k + 2 * stride]);
        c0 = c0.add(v.mul(u0));
        c1 = c1.add(v.mul(u1));
        v = ShortVector.broadcast(S, x[k + 3 * stride]);
        d0 = d0.add(v.mul(u0));
        d1 = d1.add(v.mul(u1));
      }
    }
    a0.intoArray(out, 0);
    a1.intoArray(out, LANES);
    b0.intoArray(out, 2 * LANES);
    b1.intoArray(out, 3 * LANES);
    c0.intoArray(out, 4 * LANES);
    c1.intoArray(out, 5 * LANES);
    d0.intoArray(out, 6 * LANES);
    d1.intoArray(out, 7 * LANES);
  }

  /**
   * A group's sums for one input row and a tile: its segments' sums times the scales that they have
   * in the row.
   *
   * @param first of the group's segments, in {@code starts} and {@code scales}
   */
  static void oneRow(
      short[] x,
      int x0,
      short[] starts,
      float[] scales,
      int first,
      int segments,
      MemorySegment w,
      long w0,
      int words,
      float[] group) {
    FloatVector g0 = FloatVector.zero(Lanes.F);
    FloatVector g1 = g0;
    FloatVector g2 = g0;
    FloatVector g3 = g0;
    int k = x0;
    long at = w0;
    for (int s = first; s < first + segments; s++) {
      ShortVector a0 = ShortVector.broadcast(S, starts[s]);
      ShortVector a1 = a0;
      for (int j = 0; j < words; j++) {
        ShortVector p0 = load(w, at);
        ShortVector p1 = load(w, at + 2L * LANES);
        ShortVector v = ShortVector.broadcast(S, x[k]);
        a0 = a0.add(v.mul(p0.and(LOW)));
        a1 = a1.add(v.mul(p1.and(LOW)));
        v = ShortVector.broadcast(S, x[k + 1]);
        a0 = a0.add(v.mul(p0.lanewise(LSHR, 4).and(LOW)));
        a1 = a1.add(v.mul(p1.lanewise(LSHR, 4).and(LOW)));
        v = ShortVector.broadcast(S, x[k + 2]);
        a0 = a0.add(v.mul(p0.lanewise(LSHR, 8).and(LOW)));
        a1 = a1.add(v.mul(p1.lanewise(LSHR, 8).and(LOW)));
        v = ShortVector.broadcast(S, x[k + 3]);
        a0 = a0.add(v.mul(p0.lanewise(LSHR, 12)));
        a1 = a1.add(v.mul(p1.lanewise(LSHR, 12)));
        at += 4L * LANES;
        k += 4;
      }
      FloatVector scale = FloatVector.broadcast(Lanes.F, scales[s]);
      IntVector pairs = a0.reinterpretAsInts();
      g0 =
          ((FloatVector) pairs.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
              .fma(scale, g0);
      g1 = ((FloatVector) pairs.lanewise(ASHR, 16).convert(I2F, 0)).fma(scale, g1);
      pairs = a1.reinterpretAsInts();
      g2 =
          ((FloatVector) pairs.lanewise(LSHL, 16).lanewise(ASHR, 16).convert(I2F, 0))
              .fma(scale, g2);
      g3 = ((FloatVector) pairs.lanewise(ASHR, 16).convert(I2F, 0)).fma(scale, g3);
    }
    g0.intoArray(group, 0);
    g1.intoArray(group, Lanes.COUNT);
    g2.intoArray(group, 2 * Lanes.COUNT);
    g3.intoArray(group, 3 * Lanes.COUNT);
  }

  /** group += four rows' sums of a segment * the scale that the segment has in each row. */
  static void addSegment(short[] sums, float[] scales, int first, int stride, float[] group) {
    for (int row = 0; row < 4; row++) {
      FloatVector scale = FloatVector.broadcast(Lanes.F, scales[first + row * stride]);
      for (int v = 0; v < 2; v++) {
        IntVector pairs = ShortVector.fromArray(S, sums, (2 * row + v) * LANES).reinterpretAsInts();
        int at = (2 * row + v) * LANES;
        add(pairs.lanewise(LSHL, 16).lanewise(ASHR, 16), scale, group, at);
        add(pairs.lanewise(ASHR, 16), scale, group, at + Lanes.COUNT);
      }
    }
  }

  private static void add(IntVector sums, FloatVector scale, float[] group, int at) {
    FloatVector floats = (FloatVector) sums.convert(I2F, 0);
    floats.fma(scale, FloatVector.fromArray(Lanes.F, group, at)).intoArray(group, at);
  }

  /** totals += group * the weights' scales, output by output. */
  static void addGroup(
      float[] group, int rows, MemorySegment scales, long scalesAt, float[] totals) {
    for (int v = 0; v < 4; v++) {
      FloatVector scale = floats(scales, scalesAt + 4L * Lanes.COUNT * v);
      for (int row = 0; row < rows; row++) {
        int at = row * Nibbles.TILE + v * Lanes.COUNT;
        FloatVector sum = FloatVector.fromArray(Lanes.F, group, at);
        sum.fma(scale, FloatVector.fromArray(Lanes.F, totals, at)).intoArray(totals, at);
      }
    }
  }

  /** totals += the sum of a row's inputs * the offsets, output by output. */
  static void addOffsets(
      float[] sums,
      int first,
      int stride,
      int rows,
      MemorySegment offsets,
      long offsetsAt,
      float[] totals) {
    for (int v = 0; v < 4; v++) {
      FloatVector offset = floats(offsets, offsetsAt + 4L * Lanes.COUNT * v);
      for (int row = 0; row < rows; row++) {
        int at = row * Nibbles.TILE + v * Lanes.COUNT;
        FloatVector sum = FloatVector.broadcast(Lanes.F, sums[first + row * stride]);
        sum.fma(offset, FloatVector.fromArray(Lanes.F, totals, at)).intoArray(totals, at);
      }
    }
  }

  private static ShortVector load(MemorySegment w, long at) {
    return ShortVector.fromMemorySegment(S, w, at, ByteOrder.LITTLE_ENDIAN);
  }

  private static FloatVector floats(MemorySegment from, long at) {
    return FloatVector.fromMemorySegment(Lanes.F, from, at, ByteOrder.LITTLE_ENDIAN);
  }
}
