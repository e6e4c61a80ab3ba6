package dev.kvasir.runtime.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.engine.Engine;
import dev.kvasir.runtime.engine.EngineLimits;
import dev.kvasir.runtime.engine.EngineListener;
import dev.kvasir.runtime.engine.EngineListener.RequestReport;
import dev.kvasir.runtime.engine.EngineStats;
import dev.kvasir.runtime.engine.FinishReason;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.MeasuredCapacity;
import dev.kvasir.runtime.engine.MemoryPlan;
import dev.kvasir.runtime.engine.ModelSummary;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.http.Admission;
import dev.kvasir.runtime.http.ServerObserver;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RuntimeMetricsTest {
  private static final long SECOND = 1_000_000_000L;

  private final Admission admission = new Admission(Clock.systemUTC(), Duration.ZERO);
  private final RuntimeMetrics metrics = new RuntimeMetrics("m", admission);
  private final TestingStats engine = new TestingStats();

  /** An engine that only has figures. */
  private static final class TestingStats implements Engine {
    private EngineListener listener;
    private Optional<MeasuredCapacity> capacity = Optional.empty();

    @Override
    public Optional<MeasuredCapacity> capacity() {
      return capacity;
    }

    @Override
    public GenerationStream submit(GenerationRequest request) {
      throw new UnsupportedOperationException("only figures here");
    }

    @Override
    public EngineLimits limits() {
      return new EngineLimits(320, 1000, 256, 512, 16, 16, 100);
    }

    @Override
    public EngineStats stats() {
      return new EngineStats(3, 2, 77, 400, 70, 20, 30, 0.3, 5, 90, 40, 1234, 0.25, 0, null);
    }

    @Override
    public void addListener(EngineListener added) {
      listener = added;
    }

    @Override
    public void close() {}
  }

  @BeforeEach
  void start() {
    start(metrics, new Device.Status("H1", 1000, "CUDA 13.0", Map.of("weights", 2L, "free", 900L)));
  }

  private void start(RuntimeMetrics metrics, Device.Status card) {
    ModelSummary.GenerationDefaults none = ModelSummary.GenerationDefaults.NONE;
    ModelSummary model = new ModelSummary("Llama", 1, 2, 2, "bf16", 1, 320, 1000, Set.of(1), none);
    MemoryPlan memory =
        new MemoryPlan(
            2, "float32", 16, List.of(new MemoryPlan.Group(0, 1, 100, 64)), 10, 1000, 10_000, "");
    StartedEngine.StartupTimes times =
        new StartedEngine.StartupTimes(Duration.ofMillis(1500), Duration.ZERO);
    metrics.engineStarted(
        new StartedEngine(engine, model, memory, "cpu", card, times),
        "m",
        new RuntimeMetrics.BuildInfo("1.2", "abc"));
  }

  @Test
  void aProcessorShowsTheMemoryThatWasPlannedFor() {
    RuntimeMetrics ofProcessor = new RuntimeMetrics("m", admission);
    start(ofProcessor, Device.Status.NO_CARD);
    String text = new String(ofProcessor.text(), StandardCharsets.UTF_8);
    List.of("weights\",} 2.0", "kv\",} 6464.0", "workspace\",} 10.0", "free\",} 3524.0")
        .forEach(line ->
            assertTrue(text.contains("kvasir_device_memory_bytes{use=\"" + line + "\n"), text));
    assertFalse(text.contains("kvasir_device_info"), "there is no card");
  }

  private String text() {
    return new String(metrics.text(), StandardCharsets.UTF_8);
  }

  private void shows(String line) {
    assertTrue(text().lines().anyMatch(line::equals), () -> "no '" + line + "' in\n" + text());
  }

  @Test
  void theModelServerProtocolIsThereVerbatim() {
    shows("vllm:num_requests_running{model_name=\"m\",engine=\"0\",} 3.0");
    shows("vllm:num_requests_waiting{model_name=\"m\",engine=\"0\",} 2.0");
    shows("vllm:kv_cache_usage_perc{model_name=\"m\",engine=\"0\",} 0.3");
    shows("vllm:num_preemptions_total{model_name=\"m\",engine=\"0\",} 5.0");
    shows("vllm:prefix_cache_queries_total{model_name=\"m\",engine=\"0\",} 90.0");
    shows("vllm:prefix_cache_hits_total{model_name=\"m\",engine=\"0\",} 40.0");
    assertTrue(text().contains("block_size=\"16\",num_gpu_blocks=\"100\""), text());
    shows("kvasir_build_info{version=\"1.2\",commit=\"abc\",device=\"cpu\",} 1.0");
    shows("kvasir_startup_seconds{stage=\"weights\",} 1.5");
    shows("kvasir_engine_steps_total 1234.0");
    shows("kvasir_last_step_age_seconds 0.25");
    shows("kvasir_waiting_prompt_tokens 77.0");
    shows("kvasir_kv_tokens 400.0");
    shows("kvasir_kv_capacity_tokens 1600.0");
    shows("kvasir_blocks{state=\"free\",} 50.0");
    shows("kvasir_device_info{name=\"H1\",memory_bytes=\"1000\",driver=\"CUDA 13.0\",} 1.0");
    shows("kvasir_device_memory_bytes{use=\"weights\",} 2.0");
    shows("kvasir_device_memory_bytes{use=\"free\",} 900.0");
    shows("kvasir_blocks{state=\"cached\",} 20.0");
    shows("kvasir_blocks{state=\"used\",} 30.0");
    assertFalse(text().contains("_created"), "series of creation times");
  }

  @Test
  void capacityIsAbsentUntilItIsMeasured() {
    assertFalse(text().contains("kvasir_capacity_tokens_per_second"), text());

    engine.capacity = Optional.of(new MeasuredCapacity(9000, 800, ""));

    shows("kvasir_capacity_tokens_per_second{kind=\"prompt\",} 9000.0");
    shows("kvasir_capacity_tokens_per_second{kind=\"output\",} 800.0");
  }

  @Test
  void stepsAndRequestsAreCounted() {
    engine.listener.onStep(13, 10, 3);
    engine.listener.onFinished(report(FinishReason.LENGTH, 11));
    shows("vllm:prompt_tokens_total{model_name=\"m\",engine=\"0\",} 10.0");
    shows("vllm:generation_tokens_total{model_name=\"m\",engine=\"0\",} 3.0");
    shows("vllm:iteration_tokens_total_sum{model_name=\"m\",engine=\"0\",} 13.0");
    shows(success("length", 1));
    shows(success("stop", 0));
    shows("vllm:time_to_first_token_seconds_sum{model_name=\"m\",engine=\"0\",} 2.0");
    shows("vllm:request_queue_time_seconds_sum{model_name=\"m\",engine=\"0\",} 1.0");
    shows("vllm:request_prefill_time_seconds_sum{model_name=\"m\",engine=\"0\",} 1.0");
    shows("vllm:request_decode_time_seconds_sum{model_name=\"m\",engine=\"0\",} 10.0");
    shows("vllm:e2e_request_latency_seconds_sum{model_name=\"m\",engine=\"0\",} 12.0");
    shows(
        "vllm:inter_token_latency_seconds_bucket{model_name=\"m\",engine=\"0\",le=\"0.004\",} 0.0");
    metrics.observer().betweenTokens(5_000_000);
    shows(
        "vllm:inter_token_latency_seconds_bucket{model_name=\"m\",engine=\"0\",le=\"0.005\",} 1.0");
    shows("vllm:request_prompt_tokens_bucket{model_name=\"m\",engine=\"0\",le=\"5.0\",} 1.0");
  }

  private static String success(String reason, int count) {
    return "vllm:request_success_total{model_name=\"m\",engine=\"0\",finished_reason=\""
        + reason
        + "\",} "
        + count
        + ".0";
  }

  private static RequestReport report(FinishReason reason, int outputTokens) {
    GenerationRequest request =
        new GenerationRequest(
            "id", new int[] {1, 2, 3}, SamplingParameters.greedy(), 20, Set.of(1));
    return new RequestReport(
        request, reason, outputTokens, 0, 0, SECOND, 2 * SECOND, 3 * SECOND, 13 * SECOND);
  }

  @Test
  void aStopStringIsAStopAndNoAbort() {
    RequestReport report = report(FinishReason.ABORT, 5);
    metrics.observer().stoppedByString(report.request());
    engine.listener.onFinished(report);
    engine.listener.onFinished(report(FinishReason.ABORT, 5));
    shows(success("stop", 1));
    shows(success("abort", 1));
  }

  @Test
  void whatTheServerReportsIsCounted() {
    shows("kvasir_streams_total{outcome=\"dropped\",} 0.0");
    shows("kvasir_rejected_requests_total{reason=\"queue_full\",} 0.0");
    metrics.observer().ended(ServerObserver.Outcome.DROPPED);
    metrics.observer().rejected("queue_full");
    shows("kvasir_streams_total{outcome=\"dropped\",} 1.0");
    shows("kvasir_rejected_requests_total{reason=\"queue_full\",} 1.0");
    shows("kvasir_draining 0.0");
    admission.drain();
    shows("kvasir_draining 1.0");
  }

  @Test
  void aPromptsChoicesCountTogether() {
    metrics.observer().promptAnswered(4, 70);
    shows("vllm:request_params_n_bucket{model_name=\"m\",engine=\"0\",le=\"2.0\",} 0.0");
    shows("vllm:request_params_n_bucket{model_name=\"m\",engine=\"0\",le=\"5.0\",} 1.0");
    shows("vllm:request_max_num_generation_tokens_sum{model_name=\"m\",engine=\"0\",} 70.0");
  }

  @Test
  void aRequestThatNeverRanGivesNoTimes() {
    RequestReport waiting =
        new RequestReport(
            report(FinishReason.ABORT, 0).request(), FinishReason.ABORT, 0, 0, 0, SECOND, 0, 0, 0);
    engine.listener.onFinished(waiting);
    shows("vllm:request_queue_time_seconds_count{model_name=\"m\",engine=\"0\",} 0.0");
    assertEquals(1, text().lines().filter(success("abort", 1)::equals).count());
  }
}
