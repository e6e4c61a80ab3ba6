package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.LSHL;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/**
 * Bfloat16 rows. An int lane of the weights holds two neighbours; the inputs are laid out likewise
 * ({@link InputForm.SplitPairs}): the even ones of two vectors, then the odd ones. Each output is
 * one accumulator over the columns in order, so it does not depend on the tile.
 *
 * @param width elements of a row, padding included
 */
record Bf16Tiles(MemorySegment data, int columns, int width) implements Tiles {
  private static final int HIGH = 0xFFFF0000;

  @Override
  public void expand(int row, float[] out, int at) {
    for (int k = 0; k < width; k += 2 * Lanes.COUNT) {
      IntVector pairs = load(data, 2L * row * width + 2L * k);
      even(pairs).intoArray(out, at + k);
      odd(pairs).intoArray(out, at + k + Lanes.COUNT);
    }
  }

  @Override
  public void fourByFour(float[] x, int x0, int row, float[] sums, Scratch scratch) {
    Bf16Kernel.fourByFour(x, x0, data, 2L * row * width, 2L * width, width, sums);
  }

  @Override
  public void oneByFour(float[] x, int x0, int row, float[] y, int y0, Scratch scratch) {
    oneByFour(x, x0, data, 2L * row * width, 2L * width, width, scratch.sums());
    Lanes.sum4(scratch.sums(), 0, y, y0);
  }

  private static void oneByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int width, float[] sums) {
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = FloatVector.zero(Lanes.F);
    FloatVector a2 = FloatVector.zero(Lanes.F);
    FloatVector a3 = FloatVector.zero(Lanes.F);
    for (int k = 0; k < width; k += 2 * Lanes.COUNT) {
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
    a0.intoArray(sums, 0);
    a1.intoArray(sums, Lanes.COUNT);
    a2.intoArray(sums, 2 * Lanes.COUNT);
    a3.intoArray(sums, 3 * Lanes.COUNT);
  }

  @Override
  public float oneByOne(float[] x, int x0, int row, Scratch scratch) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < width; k += 2 * Lanes.COUNT) {
      IntVector p = load(data, 2L * row * width + 2L * k);
      a = FloatVector.fromArray(Lanes.F, x, x0 + k).fma(even(p), a);
      a = FloatVector.fromArray(Lanes.F, x, x0 + k + Lanes.COUNT).fma(odd(p), a);
    }
    return Lanes.sum(a);
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    for (int k = 0; k < columns; k++) {
      short bits = data.get(ValueLayout.JAVA_SHORT_UNALIGNED, 2L * row * width + 2L * k);
      out[at + k] = Float.intBitsToFloat(bits << 16);
    }
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
