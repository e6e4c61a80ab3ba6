package dev.kvasir.runtime.device.cpu;

import dev.kvasir.runtime.device.Rope;

/** Cosines and sines of a step's positions for one rotary embedding, shared by its layers. */
final class RopeAngles {
  private final Rope rope;
  private final float[] cosines;
  private final float[] sines;

  RopeAngles(Rope rope, int maxRows) {
    this.rope = rope;
    this.cosines = new float[maxRows * half()];
    this.sines = new float[maxRows * half()];
  }

  private int half() {
    return rope.inverseFrequencies().length;
  }

  void compute(int[] positions) {
    int at = 0;
    for (int position : positions) {
      for (float frequency : rope.inverseFrequencies()) {
        // The angle is rounded to float32 as the reference rounds it.
        double angle = (float) position * frequency;
        cosines[at] = (float) Math.cos(angle);
        sines[at++] = (float) Math.sin(angle);
      }
    }
  }

  void rotate(int row, float[] data, int head) {
    int half = half();
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
