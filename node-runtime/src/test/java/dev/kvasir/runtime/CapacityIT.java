package dev.kvasir.runtime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a replica says that it can do. */
class CapacityIT {
  private static final String METRIC = "kvasir_capacity_tokens_per_second";
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @Test
  void anIdleReplicaMeasuresItselfAndCountsNoUsersTokens(@TempDir Path folder) throws Exception {
    try (TestingProcess runtime = TestingProcess.serve(folder)) {
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!runtime.get("/metrics").contains(METRIC)) {
        assertTrue(System.nanoTime() < deadline, "not measured:\n" + Files.readString(runtime.log));
        Thread.sleep(100);
      }

      assertTrue(runtime.metric(METRIC + "{kind=\"prompt\"") > 100);
      assertTrue(runtime.metric(METRIC + "{kind=\"output\"") > 100);
      assertEquals(0, runtime.metric("vllm:prompt_tokens_total"));
      assertEquals(0, runtime.metric("vllm:generation_tokens_total"));
      assertEquals(0, runtime.metric("vllm:prefix_cache_queries_total"));
      assertEquals(0, runtime.metric("vllm:iteration_tokens_total_count"));
      assertEquals(0, runtime.metric("kvasir_engine_steps_total"));
      assertEquals(0, runtime.metric("kvasir_blocks{state=\"used\""));
      assertEquals(0, runtime.metric("kvasir_blocks{state=\"cached\""));
    }
  }

  @Test
  void itCanBeSwitchedOff(@TempDir Path folder) throws Exception {
    try (TestingProcess runtime = TestingProcess.serve(folder, "--no-measure-capacity")) {
      // Longer than the warm-up and the first round take.
      Thread.sleep(4000);
      assertFalse(runtime.get("/metrics").contains(METRIC));
      assertFalse(Files.readString(runtime.log).contains("this replica computes"));
    }
  }
}
