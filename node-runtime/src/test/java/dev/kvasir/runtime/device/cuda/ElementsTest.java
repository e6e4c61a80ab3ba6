package dev.kvasir.runtime.device.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class ElementsTest {
  @Test
  void everyE4m3CodeSurvivesTheRoundTrip() {
    for (int code = 0; code < 256; code++) {
      if ((code & 0x7f) != 0x7f) {
        assertEquals((byte) code, Elements.e4m3(Elements.fromE4m3((byte) code)), "code " + code);
      }
    }
  }

  @Test
  void e4m3RoundsToTheNearest() {
    long seed = 3;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      float value = (float) (random.nextDouble(-1, 1) * Math.pow(2, random.nextInt(-12, 10)));
      double got = Elements.fromE4m3(Elements.e4m3(value));
      double nearest = nearest(Math.clamp(value, -448f, 448f));
      assertEquals(
          Math.abs(nearest - value), Math.abs(got - value), 0, "seed " + seed + ": " + value);
    }
  }

  private static double nearest(float value) {
    double best = 0;
    for (int code = 0; code < 256; code++) {
      double candidate = (code & 0x7f) == 0x7f ? 0 : Elements.fromE4m3((byte) code);
      if (Math.abs(candidate - value) < Math.abs(best - value)) {
        best = candidate;
      }
    }
    return best;
  }

  @Test
  void scalesOfEitherHalfTypeStayExactInF16() {
    long seed = 5;
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 20_000; i++) {
      float largest = Elements.roundToBf16((float) Math.pow(2, random.nextDouble(-20, 4)));
      float bf16 = Elements.roundToBf16((float) (largest * random.nextDouble(1e-4, 1)));
      float f16 = Float.float16ToFloat(Float.floatToFloat16(bf16));
      float factor = RepackInt4.factor(largest);
      for (float scale : new float[] {largest, bf16, Math.min(f16, largest)}) {
        float kept = Float.float16ToFloat(Float.floatToFloat16(scale / factor)) * factor;
        assertEquals(scale, kept, "seed " + seed + ", largest " + largest);
      }
    }
  }

  @Test
  void anErrorThatIsNoNumberIsLarge() {
    ErrorMeter meter = new ErrorMeter();
    meter.add(Float.NaN, 1);
    assertTrue(meter.error() > 1);
  }
}
