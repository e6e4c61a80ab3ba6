package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Rope;

/** Cosines and sines of a step's positions for one rotary embedding, shared by its layers. */
final class RopeAngles {
  private final Rope rope;
  private final int half;
  private final float[] cosines;
  private final float[] sines;

  RopeAngles(Rope rope, int maxRows) {
    this.rope = rope;
    this.half = rope.dimensions() / 2;
    this.cosines = new float[maxRows * half];
    this.sines = new float[maxRows * half];
  }

  /**
   * @param lengths that each row's frequencies are for
   */
  void compute(int[] positions, int[] lengths) {
    float[] frequencies = {};
    for (int row = 0; row < positions.length; row++) {
      if (row == 0 || lengths[row] != lengths[row - 1]) {
        frequencies = rope.frequencies(lengths[row]);
      }
      compute(row * half, positions[row], frequencies);
    }
  }

  private void compute(int at, int position, float[] frequencies) {
    for (int i = 0; i < half; i++) {
      // The angle is rounded to float32 as the reference rounds it.
      double angle = (float) position * frequencies[i];
      cosines[at + i] = (float) Math.cos(angle) * rope.magnitude();
      sines[at + i] = (float) Math.sin(angle) * rope.magnitude();
    }
  }

  void rotate(int row, float[] data, int head) {
    int at = row * half;
    for (int i = 0; i < half; i++) {
      float cosine = cosines[at + i];
      float sine = sines[at + i];
      float first = data[head + i];
      float second = data[head + half + i];
      data[head + i] = first * cosine - second * sine;
      data[head + half + i] = second * cosine + first * sine;
    }
  }
}
