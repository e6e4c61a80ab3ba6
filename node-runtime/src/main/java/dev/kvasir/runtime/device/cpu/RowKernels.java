package dev.kvasir.runtime.device.cpu;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/** What is done to one row at a time: sums, norms, activations. */
final class RowKernels {
  private static final float MINUS_TWO_ROOT = (float) (-2 * Math.sqrt(2 / Math.PI));

  private RowKernels() {}

  static void add(float[] to, float[] from, int at, int columns) {
    for (int k = 0; k < columns; k++) {
      to[at + k] += from[at + k];
    }
  }

  static void rmsNorm(float[] in, int at, float[] weight, float epsilon, float[] out) {
    int columns = weight.length;
    float scale = (float) (1 / Math.sqrt(sumOfSquares(in, at, columns) / columns + epsilon));
    for (int k = 0; k < columns; k++) {
      out[at + k] = in[at + k] * scale * weight[k];
    }
  }

  private static float sumOfSquares(float[] in, int at, int columns) {
    FloatVector sum = FloatVector.zero(Lanes.F);
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      VectorMask<Float> mask = Lanes.F.indexInRange(k, columns);
      FloatVector x = FloatVector.fromArray(Lanes.F, in, at + k, mask);
      sum = x.fma(x, sum);
    }
    // Lanes.sum() written out: it may not be inlined, and then every step of the loop makes
    // objects.
    sum = sum.add(sum.rearrange(Lanes.HALVES));
    sum = sum.add(sum.rearrange(Lanes.QUARTERS));
    if (Lanes.COUNT >= 8) {
      sum = sum.add(sum.rearrange(Lanes.EIGHTHS));
    }
    if (Lanes.COUNT >= 16) {
      sum = sum.add(sum.rearrange(Lanes.SIXTEENTHS));
    }
    return sum.lane(0);
  }

  /** RMS norm in place of each head that starts at {@code at}, one after another. */
  static void normHeads(float[] data, int at, int heads, float[] weight, float epsilon) {
    for (int head = 0; head < heads; head++) {
      rmsNorm(data, at + head * weight.length, weight, epsilon, data);
    }
  }

  static void scale(float[] data, int at, int columns, float factor) {
    for (int k = 0; k < columns; k++) {
      data[at + k] *= factor;
    }
  }

  static void softcap(float[] data, int at, int columns, float cap) {
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      VectorMask<Float> mask = Lanes.F.indexInRange(k, columns);
      FloatVector x = FloatVector.fromArray(Lanes.F, data, at + k, mask);
      Lanes.softcap(x, cap).intoArray(data, at + k, mask);
    }
  }

  /** out = silu(gate) * up, where gate and up follow each other in a row. */
  static void siluAndMultiply(float[] gateUp, int at, int columns, float[] out, int outAt) {
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      VectorMask<Float> mask = Lanes.F.indexInRange(k, columns);
      FloatVector gate = FloatVector.fromArray(Lanes.F, gateUp, at + k, mask);
      FloatVector up = FloatVector.fromArray(Lanes.F, gateUp, at + columns + k, mask);
      FloatVector silu = gate.div(Lanes.exp(gate.neg()).add(1f));
      silu.mul(up).intoArray(out, outAt + k, mask);
    }
  }

  /** out = gelu(gate) * up in the approximation by tanh, rows as for silu. */
  static void geluAndMultiply(float[] gateUp, int at, int columns, float[] out, int outAt) {
    for (int k = 0; k < columns; k += Lanes.COUNT) {
      VectorMask<Float> mask = Lanes.F.indexInRange(k, columns);
      FloatVector gate = FloatVector.fromArray(Lanes.F, gateUp, at + k, mask);
      FloatVector up = FloatVector.fromArray(Lanes.F, gateUp, at + columns + k, mask);
      // x / 2 * (1 + tanh(u)) = x / (1 + e^(-2u))
      FloatVector cubic = gate.mul(gate).mul(gate).mul(0.044715f).add(gate);
      FloatVector gelu = gate.div(Lanes.exp(cubic.mul(MINUS_TWO_ROOT)).add(1f));
      gelu.mul(up).intoArray(out, outAt + k, mask);
    }
  }
}
