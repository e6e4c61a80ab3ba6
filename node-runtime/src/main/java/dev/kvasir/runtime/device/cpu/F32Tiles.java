package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;

/**
 * Float32 rows. Each output is one accumulator over the columns in order, so it does not depend on
 * the tile.
 *
 * @param width elements of a row, padding included
 */
record F32Tiles(MemorySegment data, int columns, int width) implements Tiles {
  @Override
  public void expand(int row, float[] out, int at) {
    for (int k = 0; k < width; k += Lanes.COUNT) {
      load(data, 4L * row * width + 4L * k).intoArray(out, at + k);
    }
  }

  @Override
  public void fourByFour(float[] x, int x0, int row, float[] sums, Scratch scratch) {
    float[] tile = scratch.tile(4 * width);
    for (int i = 0; i < 4; i++) {
      expand(row + i, tile, i * width);
    }
    ExpandedTile.multiply(x, x0, tile, width, sums);
  }

  @Override
  public void oneByFour(float[] x, int x0, int row, float[] y, int y0, Scratch scratch) {
    oneByFour(x, x0, data, 4L * row * width, 4L * width, width, scratch.sums());
    Lanes.sum4(scratch.sums(), 0, y, y0);
  }

  private static void oneByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int width, float[] sums) {
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = FloatVector.zero(Lanes.F);
    FloatVector a2 = FloatVector.zero(Lanes.F);
    FloatVector a3 = FloatVector.zero(Lanes.F);
    for (int k = 0; k < width; k += Lanes.COUNT) {
      long at = w0 + 4L * k;
      FloatVector xs = FloatVector.fromArray(Lanes.F, x, x0 + k);
      a0 = xs.fma(load(w, at), a0);
      a1 = xs.fma(load(w, at + 1 * wStride), a1);
      a2 = xs.fma(load(w, at + 2 * wStride), a2);
      a3 = xs.fma(load(w, at + 3 * wStride), a3);
    }
    a0.intoArray(sums, 0);
    a1.intoArray(sums, Lanes.COUNT);
    a2.intoArray(sums, 2 * Lanes.COUNT);
    a3.intoArray(sums, 3 * Lanes.COUNT);
  }

  @Override
  public float oneByOne(float[] x, int x0, int row, Scratch scratch) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < width; k += Lanes.COUNT) {
      FloatVector w = load(data, 4L * row * width + 4L * k);
      a = FloatVector.fromArray(Lanes.F, x, x0 + k).fma(w, a);
    }
    return Lanes.sum(a);
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    MemorySegment.copy(data, ValueLayout.JAVA_FLOAT_UNALIGNED, 4L * row * width, out, at, columns);
  }

  private static FloatVector load(MemorySegment w, long at) {
    return FloatVector.fromMemorySegment(Lanes.F, w, at, ByteOrder.LITTLE_ENDIAN);
  }
}
