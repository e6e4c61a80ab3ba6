package dev.kvasir.operator.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.kvasir.operator.scaling.ReplicaLoad;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** Rates from counters, and which of them show what a pod can do. */
class PodReadingsTest {
  private static final Duration OVER = Duration.ofSeconds(30);
  private static final int MOST_RUNNING = 4;

  private final PodReadings readings = new PodReadings();
  private Instant now = Instant.parse("2026-01-01T00:00:00Z");
  private double prompts;
  private double outputs;

  /** Two seconds at these rates, and then a look at it. */
  private void pass(int running, int waiting, double promptRate, double outputRate) {
    now = now.plusSeconds(2);
    prompts += 2 * promptRate;
    outputs += 2 * outputRate;
    readings.add(
        now,
        EngineReader.read(
            """
            kvasir_build_info 1
            vllm:num_requests_running %d
            vllm:num_requests_waiting %d
            vllm:kv_cache_usage_perc 0.5
            kvasir_kv_capacity_tokens 10000
            vllm:prompt_tokens_total %s
            vllm:generation_tokens_total %s
            """
                .formatted(running, waiting, prompts, outputs)));
  }

  private ReplicaLoad load() {
    return readings.load(MOST_RUNNING, OVER).orElseThrow();
  }

  private void assertSaturated(double promptRate, double outputRate) {
    assertEquals(promptRate, load().saturatedPromptRate(), 1e-9);
    assertEquals(outputRate, load().saturatedOutputRate(), 1e-9);
  }

  @Test
  void aQuietTimeBeforeTheQueueIsNotTakenForWhatThePodCanDo() {
    for (int i = 0; i < 20; i++) {
      pass(0, 0, 0, 0);
    }
    pass(3, 5, 100, 10);
    pass(3, 5, 800, 100);
    pass(3, 5, 800, 100);
    assertSaturated(0, 0);
    pass(3, 5, 800, 100);
    assertSaturated(800, 100);
    assertEquals(800 * 6 / 30.0 + 100 * 2 / 30.0, load().promptTokensPerSecond(), 1e-9);
  }

  @Test
  void aBreakOfTheQueueBeginsAnew() {
    for (int i = 0; i < 10; i++) {
      pass(3, 5, 800, 100);
    }
    assertSaturated(800, 100);
    pass(3, 0, 10, 10);
    assertSaturated(0, 0);
    pass(3, 1, 10, 10);
    assertSaturated(0, 0);
  }

  @Test
  void aFullBatchIsSaturatedToo() {
    for (int i = 0; i < 10; i++) {
      pass(MOST_RUNNING, 0, 700, 90);
    }
    assertSaturated(700, 90);
  }

  @Test
  void belowSaturationNothingIsTaught() {
    for (int i = 0; i < 40; i++) {
      pass(MOST_RUNNING - 1, 0, 700, 90);
    }
    assertSaturated(0, 0);
    assertEquals(90, load().outputTokensPerSecond(), 1e-9);
  }

  @Test
  void onlyTheLastWhileOfALongQueueCounts() {
    for (int i = 0; i < 20; i++) {
      pass(3, 5, 100, 10);
    }
    for (int i = 0; i < 15; i++) {
      pass(3, 5, 800, 100);
    }
    assertSaturated(800, 100);
  }

  @Test
  void aRestartedEngineHasNoPast() {
    for (int i = 0; i < 10; i++) {
      pass(3, 5, 800, 100);
    }
    prompts = 0;
    outputs = 0;
    pass(3, 5, 1, 1);
    assertSaturated(0, 0);
    assertEquals(0, load().outputTokensPerSecond(), 1e-9);
  }
}
