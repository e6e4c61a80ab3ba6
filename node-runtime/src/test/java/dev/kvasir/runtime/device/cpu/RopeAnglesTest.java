package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.runtime.device.Rope;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class RopeAnglesTest {
  private static final int DIMENSIONS = 6;
  private static final int HEAD = 10;

  @Test
  void turnsPairsOfTheFirstDimensionsAndLeavesTheRest() {
    Rope rope = new Rope.Fixed(new float[] {1, 0.3f, 0.01f}, 1.5f);

    checkRows(rope, new int[] {0, 3, 77}, new int[] {78, 78, 78});
  }

  @Test
  void eachRowHasTheFrequenciesOfItsLength() {
    Rope rope =
        new Rope.Switched(new float[] {1, 0.3f, 0.01f}, new float[] {0.5f, 0.2f, 0.1f}, 8, 1);

    assertEquals(0.3f, rope.frequencies(8)[1]);
    assertEquals(0.2f, rope.frequencies(9)[1]);
    checkRows(rope, new int[] {5, 6, 7, 8}, new int[] {8, 8, 9, 8});
  }

  @Test
  void aDynamicBaseGrowsBeyondTheOriginalLength() {
    Rope rope = new Rope.Dynamic(10_000, 2, 16, new float[] {0, 1 / 3f, 2 / 3f}, 1.5);

    assertEquals(rope.frequencies(3)[2], rope.frequencies(16)[2]);
    double base = 10_000 * Math.pow(2.0 * 24 / 16 - 1, 1.5);
    assertEquals(Math.pow(base, -2 / 3.0), rope.frequencies(24)[2], 1e-8);
    checkRows(rope, new int[] {15, 20, 23}, new int[] {16, 24, 40});
  }

  private static void checkRows(Rope rope, int[] positions, int[] lengths) {
    SplittableRandom random = new SplittableRandom(3);
    RopeAngles angles = new RopeAngles(rope, positions.length);
    angles.compute(positions, lengths);
    for (int row = 0; row < positions.length; row++) {
      float[] data = new float[2 + HEAD];
      for (int i = 0; i < data.length; i++) {
        data[i] = (float) random.nextGaussian();
      }
      float[] before = data.clone();

      angles.rotate(row, data, 2);

      for (int d = 0; d < HEAD; d++) {
        double wanted =
            d < DIMENSIONS ? turned(before, rope, d, positions[row], lengths[row]) : before[2 + d];
        assertEquals(wanted, data[2 + d], 1e-5, "row " + row + ", dimension " + d);
      }
    }
  }

  private static double turned(float[] data, Rope rope, int d, int position, int length) {
    int half = DIMENSIONS / 2;
    double angle = position * (double) rope.frequencies(length)[d % half];
    double other = d < half ? -data[2 + d + half] : data[2 + d - half];
    return rope.magnitude() * (data[2 + d] * Math.cos(angle) + other * Math.sin(angle));
  }
}
