package dev.kvasir.runtime.device.cpu;

import java.lang.foreign.MemorySegment;

/**
 * Small products of input rows with weight rows, over one type of weight. Offsets and strides of
 * {@code x} and {@code y} are elements, those of {@code w} bytes. All three shapes add up an output
 * in the same order and so give the same bits.
 */
interface Tiles {

  /** Four input rows times four weight rows. */
  void fourByFour(
      float[] x,
      int x0,
      int xStride,
      MemorySegment w,
      long w0,
      long wStride,
      int columns,
      float[] y,
      int y0,
      int yStride);

  /** One input row times four weight rows. */
  void oneByFour(
      float[] x, int x0, MemorySegment w, long w0, long wStride, int columns, float[] y, int y0);

  float oneByOne(float[] x, int x0, MemorySegment w, long w0, int columns);
}
