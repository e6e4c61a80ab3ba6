package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Small products of an input row with weight rows, over one type of weight. Offsets of {@code x}
 * and {@code y} are elements, those of {@code w} bytes. They add up an output in the same order as
 * {@link ExpandedTile} and so give the same bits.
 */
interface Tiles {

  /** One weight row as float32, in the order in which the products read it. */
  void expand(MemorySegment w, long w0, int columns, float[] out, int at);

  /** One input row times four weight rows. */
  void oneByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int columns, float[] y, int y0);

  float oneByOne(float[] x, int x0, MemorySegment w, long w0, int columns);
}
