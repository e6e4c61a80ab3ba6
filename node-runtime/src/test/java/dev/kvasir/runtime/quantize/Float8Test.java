package dev.kvasir.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class Float8Test {
  @Test
  void theNearestValueIsTaken() {
    SplittableRandom random = new SplittableRandom(8);
    for (int i = 0; i < 20_000; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(2, random.nextInt(-12, 10)));
      float found = value(Float8.of(value));
      double nearest = Double.MAX_VALUE;
      for (int bits = 0; bits < 256; bits++) {
        if ((bits & 0x7F) != 0x7F) {
          nearest = Math.min(nearest, Math.abs((double) value((byte) bits) - value));
        }
      }
      assertEquals(nearest, Math.abs((double) found - value), "of " + value);
      if (i % 1000 == 0) {
        assertEquals(Float8.of(-value), (byte) (Float8.of(value) ^ 0x80));
      }
    }
  }

  @Test
  void tiesGoToTheEvenFraction() {
    assertEquals(value(Float8.of(17)), 16);
    assertEquals(value(Float8.of(19)), 20);
    assertEquals(value(Float8.of(1e9f)), 448);
    assertEquals(value(Float8.of(-464)), -448);
  }

  private static float value(byte bits) {
    int exponent = (bits >> 3) & 15;
    int fraction = bits & 7;
    double magnitude =
        exponent == 0 ? fraction * 0x1p-9 : (8 + fraction) * Math.pow(2, exponent - 10);
    return (float) (bits < 0 ? -magnitude : magnitude);
  }
}
