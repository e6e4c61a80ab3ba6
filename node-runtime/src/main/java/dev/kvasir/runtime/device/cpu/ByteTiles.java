package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Rows of signed 8-bit integers with a scale for each group of columns. A weight becomes the
 * float32 (q - zero) * scale where it is used. Each output is one accumulator over the columns in
 * order, so it does not depend on the tile.
 *
 * @param data a row's groups one after another, padding included
 * @param scales float32, a row's groups one after another
 * @param zeros float32 likewise; null where all are 0
 */
record ByteTiles(
    ColumnGroups columns, MemorySegment data, MemorySegment scales, MemorySegment zeros)
    implements Tiles {
  private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED;

  @Override
  public void expand(int row, float[] out, int at) {
    int width = columns.groupWidth();
    for (int group = 0; group < columns.groups(); group++) {
      int g = row * columns.groups() + group;
      expand(rowAt(row) + (long) group * width, width, g, out, at + group * width);
    }
  }

  private void expand(long from, int width, int g, float[] out, int at) {
    FloatVector scale0 = scale(g);
    FloatVector zero0 = zero(g);
    for (int k = 0; k < width; k += Lanes.COUNT) {
      load(data, from + k, zero0).mul(scale0).intoArray(out, at + k);
    }
  }

  @Override
  public void oneByFour(float[] x, int x0, int row, float[] y, int y0) {
    FloatVector a0 = FloatVector.zero(Lanes.F);
    FloatVector a1 = FloatVector.zero(Lanes.F);
    FloatVector a2 = FloatVector.zero(Lanes.F);
    FloatVector a3 = FloatVector.zero(Lanes.F);
    int width = columns.groupWidth();
    int groups = columns.groups();
    long stride = columns.width();
    for (int group = 0; group < groups; group++) {
      int g = row * groups + group;
      FloatVector scale0 = scale(g);
      FloatVector scale1 = scale(g + groups);
      FloatVector scale2 = scale(g + 2 * groups);
      FloatVector scale3 = scale(g + 3 * groups);
      FloatVector zero0 = zero(g);
      FloatVector zero1 = zero(g + 1 * groups);
      FloatVector zero2 = zero(g + 2 * groups);
      FloatVector zero3 = zero(g + 3 * groups);
      long from = rowAt(row) + (long) group * width;
      int xAt = x0 + group * width;
      for (int k = 0; k < width; k += Lanes.COUNT) {
        long at = from + k;
        FloatVector xs = FloatVector.fromArray(Lanes.F, x, xAt + k);
        a0 = xs.fma(load(data, at, zero0).mul(scale0), a0);
        a1 = xs.fma(load(data, at + stride, zero1).mul(scale1), a1);
        a2 = xs.fma(load(data, at + 2 * stride, zero2).mul(scale2), a2);
        a3 = xs.fma(load(data, at + 3 * stride, zero3).mul(scale3), a3);
      }
    }
    Lanes.sum4(a0, a1, a2, a3, y, y0);
  }

  @Override
  public float oneByOne(float[] x, int x0, int row) {
    FloatVector a = FloatVector.zero(Lanes.F);
    int width = columns.groupWidth();
    for (int group = 0; group < columns.groups(); group++) {
      int g = row * columns.groups() + group;
      FloatVector scale0 = scale(g);
      FloatVector zero0 = zero(g);
      long from = rowAt(row) + (long) group * width;
      int xAt = x0 + group * width;
      for (int k = 0; k < width; k += Lanes.COUNT) {
        FloatVector xs = FloatVector.fromArray(Lanes.F, x, xAt + k);
        a = xs.fma(load(data, from + k, zero0).mul(scale0), a);
      }
    }
    return Lanes.sum(a);
  }

  @Override
  public void copyRow(int row, float[] out, int at) {
    for (int k = 0; k < columns.columns(); k++) {
      int group = k / columns.groupSize();
      int g = row * columns.groups() + group;
      long place = (long) group * columns.groupWidth() + k % columns.groupSize();
      byte q = data.get(ValueLayout.JAVA_BYTE, rowAt(row) + place);
      out[at + k] = (q - zeroOf(g)) * scales.get(FLOAT, 4L * g);
    }
  }

  private long rowAt(int row) {
    return (long) row * columns.width();
  }

  private FloatVector scale(int group) {
    return FloatVector.broadcast(Lanes.F, scales.get(FLOAT, 4L * group));
  }

  private FloatVector zero(int group) {
    return FloatVector.broadcast(Lanes.F, zeroOf(group));
  }

  private float zeroOf(int group) {
    return zeros == null ? 0 : zeros.get(FLOAT, 4L * group);
  }

  private static FloatVector load(MemorySegment w, long at, FloatVector zero) {
    ByteVector bytes = ByteVector.fromMemorySegment(Lanes.B, w, at, ByteOrder.LITTLE_ENDIAN);
    return ((FloatVector) bytes.convertShape(VectorOperators.B2F, Lanes.F, 0)).sub(zero);
  }
}
