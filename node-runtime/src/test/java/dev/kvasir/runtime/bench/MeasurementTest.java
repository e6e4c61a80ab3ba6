package dev.kvasir.runtime.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class MeasurementTest {
  private static final long MS = 1_000_000;

  @Test
  void decodeIsWhatCameAfterAllFirstTokens() {
    // The second request's first token comes at 30 ms; 5 tokens follow until 80 ms.
    Wave wave =
        new Wave(
            new long[][] {
              {10 * MS, 20 * MS, 40 * MS, 60 * MS}, {30 * MS, 50 * MS, 70 * MS, 80 * MS}
            });

    Measurement m = Measurement.of(2, 100, List.of(wave));

    assertEquals(200 / 0.030, m.promptTokensPerSecond(), 1e-6);
    assertEquals(5 / 0.050, m.decodeTokensPerSecond(), 1e-6);
    assertEquals(8 / 0.080, m.outputTokensPerSecond(), 1e-6);
    assertEquals(20, m.decodeStepMillis(), 1e-9);
    assertEquals(new Percentiles(10, 30, 30), m.timeToFirstToken());
    assertEquals(new Percentiles(20, 20, 20), m.interToken());
  }

  @Test
  void oneOutputTokenGivesNoDecodeFigures() {
    Measurement m = Measurement.of(1, 10, List.of(new Wave(new long[][] {{5 * MS}})));

    assertEquals(2000, m.promptTokensPerSecond(), 1e-6);
    assertTrue(Double.isNaN(m.decodeTokensPerSecond()));
    assertTrue(Double.isNaN(m.interToken().p50()));
  }
}
