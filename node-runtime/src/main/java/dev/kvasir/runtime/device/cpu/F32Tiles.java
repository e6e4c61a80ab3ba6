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

  /** Row by row, as {@link Bf16Tiles} does. */
  @Override
  public void oneByFour(float[] x, int x0, int row, float[] y, int y0, Scratch scratch) {
    float[] sums = scratch.sums();
    for (int i = 0; i < 4; i++) {
      oneRow(x, x0, data, 4L * (row + i) * width, width, sums, i * Lanes.COUNT);
    }
    Lanes.sum4(sums, 0, y, y0);
  }

  private static void oneRow(
      float[] x, int x0, MemorySegment w, long w0, int width, float[] sums, int sumsAt) {
    FloatVector a = FloatVector.zero(Lanes.F);
    for (int k = 0; k < width; k += Lanes.COUNT) {
      a = FloatVector.fromArray(Lanes.F, x, x0 + k).fma(load(w, w0 + 4L * k), a);
    }
    a.intoArray(sums, sumsAt);
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
