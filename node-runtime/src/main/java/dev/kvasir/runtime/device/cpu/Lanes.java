package dev.kvasir.runtime.device.cpu;

import static jdk.incubator.vector.VectorOperators.LSHL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * The widest vectors of this processor and what the kernels share. Sums over lanes go through a
 * fixed tree: {@code reduceLanes(ADD)} leaves the order open, and interpreted and compiled code
 * differ in it.
 */
final class Lanes {
  static final VectorSpecies<Float> F = FloatVector.SPECIES_PREFERRED;
  static final VectorSpecies<Integer> I = IntVector.SPECIES_PREFERRED;
  static final int COUNT = F.length();

  static final VectorShuffle<Float> HALVES = exchange(COUNT / 2);
  static final VectorShuffle<Float> QUARTERS = exchange(COUNT / 4);
  static final VectorShuffle<Float> EIGHTHS = exchange(COUNT / 8);
  static final VectorShuffle<Float> SIXTEENTHS = exchange(COUNT / 16);
  private static final VectorMask<Float> SECOND_HALF = withBit(COUNT / 2);
  private static final VectorMask<Float> ODD_QUARTERS = withBit(COUNT / 4);

  private Lanes() {}

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(F, lane -> lane ^ distance);
  }

  private static VectorMask<Float> withBit(int bit) {
    boolean[] set = new boolean[COUNT];
    for (int lane = 0; lane < COUNT; lane++) {
      set[lane] = (lane & bit) != 0;
    }
    return VectorMask.fromArray(F, set, 0);
  }

  /** The sum of a vector that comes through memory, for the reason that {@link #sum4} gives. */
  static float sum(float[] vector) {
    return sum(FloatVector.fromArray(F, vector, 0));
  }

  /** The sum of all lanes, in the same order as {@link #sum4}. */
  static float sum(FloatVector v) {
    FloatVector s = v.add(v.rearrange(HALVES));
    s = s.add(s.rearrange(QUARTERS));
    if (COUNT >= 8) {
      s = s.add(s.rearrange(EIGHTHS));
    }
    if (COUNT >= 16) {
      s = s.add(s.rearrange(SIXTEENTHS));
    }
    return s.lane(0);
  }

  /**
   * Puts the sums of four vectors that follow each other at out[at] to out[at + 3]. They come
   * through memory, and nothing here takes or returns a vector: a call that does may not be inlined
   * in the end, and then each vector is an object.
   */
  static void sum4(float[] vectors, int from, float[] out, int at) {
    FloatVector a = FloatVector.fromArray(F, vectors, from);
    FloatVector b = FloatVector.fromArray(F, vectors, from + COUNT);
    FloatVector c = FloatVector.fromArray(F, vectors, from + 2 * COUNT);
    FloatVector d = FloatVector.fromArray(F, vectors, from + 3 * COUNT);
    FloatVector ab = a.add(a.rearrange(HALVES)).blend(b.add(b.rearrange(HALVES)), SECOND_HALF);
    FloatVector cd = c.add(c.rearrange(HALVES)).blend(d.add(d.rearrange(HALVES)), SECOND_HALF);
    FloatVector s =
        ab.add(ab.rearrange(QUARTERS)).blend(cd.add(cd.rearrange(QUARTERS)), ODD_QUARTERS);
    if (COUNT >= 8) {
      s = s.add(s.rearrange(EIGHTHS));
    }
    if (COUNT >= 16) {
      s = s.add(s.rearrange(SIXTEENTHS));
    }
    out[at] = s.lane(0);
    out[at + 1] = s.lane(COUNT / 2);
    out[at + 2] = s.lane(COUNT / 4);
    out[at + 3] = s.lane(COUNT / 2 + COUNT / 4);
  }

  /** cap * tanh(x / cap), within a few units of the last place of cap. */
  static FloatVector softcap(FloatVector x, float cap) {
    FloatVector twice = exp(x.mul(2 / cap));
    return twice.sub(1f).div(twice.add(1f)).mul(cap);
  }

  /** e^x to about one unit in the last place; 0 below -87. */
  static FloatVector exp(FloatVector x) {
    FloatVector clamped = x.max(-87f).min(88f);
    // Adding 1.5 * 2^23 rounds to an integer and leaves it in the low bits.
    FloatVector shifted = clamped.fma(FloatVector.broadcast(F, 1.442695f), magic());
    FloatVector n = shifted.sub(magic());
    FloatVector r = n.fma(FloatVector.broadcast(F, -0.6933594f), clamped);
    r = n.fma(FloatVector.broadcast(F, 2.1219444e-4f), r);
    FloatVector p = FloatVector.broadcast(F, 1.9875691e-4f);
    p = p.fma(r, FloatVector.broadcast(F, 1.3981999e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 8.333452e-3f));
    p = p.fma(r, FloatVector.broadcast(F, 4.1665796e-2f));
    p = p.fma(r, FloatVector.broadcast(F, 0.16666666f));
    p = p.fma(r, FloatVector.broadcast(F, 0.5f));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent =
        shifted.reinterpretAsInts().sub(Float.floatToRawIntBits(MAGIC)).add(127).lanewise(LSHL, 23);
    FloatVector result = p.mul(exponent.reinterpretAsFloats());
    return result.blend(0f, x.lt(-87f));
  }

  private static final float MAGIC = 12582912f;

  private static FloatVector magic() {
    return FloatVector.broadcast(F, MAGIC);
  }
}
