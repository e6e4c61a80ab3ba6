package dev.kvasir.runtime.device.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.junit.jupiter.api.Test;

class LanesTest {
  @Test
  void expIsExactToAFewUnitsInTheLastPlace() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 5_000; i++) {
      float x = (float) random.nextDouble(-86.9, 87.9);
      float wanted = (float) Math.exp(x);
      assertEquals(wanted, exp(x), wanted * 3e-7, "e^" + x);
    }
  }

  @Test
  void expOfWhatIsTooSmallIsZero() {
    assertEquals(0, exp(Float.NEGATIVE_INFINITY));
    assertEquals(0, exp(-1000));
    assertEquals(1, exp(0));
  }

  @Test
  void fourSumsAtOnceAreTheSumsOneByOne() {
    SplittableRandom random = new SplittableRandom(2);
    for (int i = 0; i < 200; i++) {
      FloatVector[] v = new FloatVector[4];
      float[] vectors = new float[3 + 4 * Lanes.COUNT];
      for (int j = 0; j < 4; j++) {
        v[j] = random(random);
        v[j].intoArray(vectors, 3 + j * Lanes.COUNT);
      }
      float[] sums = new float[4];
      Lanes.sum4(vectors, 3, sums, 0);
      for (int j = 0; j < 4; j++) {
        assertEquals(Lanes.sum(v[j]), sums[j], "case " + i);
        assertEquals(plainSum(v[j]), sums[j], 1e-5, "case " + i);
      }
    }
  }

  private static float exp(float x) {
    return Lanes.exp(FloatVector.broadcast(Lanes.F, x)).lane(0);
  }

  private static FloatVector random(SplittableRandom random) {
    float[] values = new float[Lanes.COUNT];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return FloatVector.fromArray(Lanes.F, values, 0);
  }

  private static double plainSum(FloatVector v) {
    double sum = 0;
    for (float value : v.toArray()) {
      sum += value;
    }
    return sum;
  }
}
