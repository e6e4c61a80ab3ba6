package dev.kvasir.operator.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.operator.telemetry.EngineReading.Engine;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

/** The pages of the engines that a pod may run. */
class EngineReaderTest {

  private static EngineReading read(String page) {
    return EngineReader.read(MetricsText.parse(page)).orElseThrow();
  }

  @Test
  void ours() {
    EngineReading reading =
        read(
            """
            # HELP vllm:num_requests_running Requests in the batch.
            # TYPE vllm:num_requests_running gauge
            kvasir_build_info{version="1",commit="a\\"b"} 1.0
            vllm:num_requests_running{model_name="m",engine="0",} 3.0
            vllm:num_requests_waiting{model_name="m",engine="0",} 2.0
            vllm:kv_cache_usage_perc{model_name="m",engine="0",} 0.25
            kvasir_waiting_prompt_tokens{model_name="m"} 700
            kvasir_kv_capacity_tokens{model_name="m"} 16000
            vllm:prompt_tokens_total{model_name="m"} 1000
            vllm:prompt_tokens_cached_total{model_name="m"} 400
            vllm:generation_tokens_total{model_name="m"} 5e3
            kvasir_capacity_tokens_per_second{kind="prompt"} 9000
            kvasir_capacity_tokens_per_second{kind="output"} 800
            kvasir_draining 1
            kvasir_device_info{name="NVIDIA H100 80GB HBM3",memory_bytes="85520809984",driver="CUDA 13.0"} 1
            kvasir_device_memory_bytes{use="weights"} 1e10
            kvasir_device_memory_bytes{use="kv"} 6e10
            """);
    assertEquals(
        new EngineReading(
            Engine.KVASIR,
            3,
            2,
            OptionalDouble.of(700),
            0.25,
            OptionalDouble.of(16000),
            OptionalDouble.of(600),
            OptionalDouble.of(5000),
            OptionalDouble.of(9000),
            OptionalDouble.of(800),
            Histogram.EMPTY,
            Histogram.EMPTY,
            true,
            Optional.of(
                new Card(
                    "NVIDIA H100 80GB HBM3",
                    85520809984.0,
                    "CUDA 13.0",
                    Map.of("weights", 1e10, "kv", 6e10)))),
        reading);
  }

  @Test
  void vllm() {
    EngineReading reading =
        read(
            """
            vllm:num_requests_running{engine="0",model_name="m"} 1.0 1700000000000
            vllm:num_requests_waiting{engine="0",model_name="m"} 0.0
            vllm:cache_config_info{block_size="16",num_gpu_blocks="1000",cache_dtype="auto"} 1.0
            vllm:generation_tokens_total{engine="0",model_name="m"} 12
            """);
    assertEquals(Engine.VLLM, reading.engine());
    assertEquals(OptionalDouble.of(16_000), reading.kvCapacityTokens());
    assertEquals(OptionalDouble.empty(), reading.waitingPromptTokens());
    assertEquals(OptionalDouble.empty(), reading.promptTokens());
  }

  @Test
  void timeBetweenTokensHasTwoNames() {
    String now = "vllm:inter_token_latency_seconds_bucket{le=\"0.01\"} 3\n";
    String before = "vllm:time_per_output_token_seconds_bucket{le=\"0.01\"} 4\n";
    String page = "vllm:num_requests_running 1\n";
    assertEquals(4, read(page + before).interToken().total());
    assertEquals(3, read(page + before + now).interToken().total());
  }

  @Test
  void sglang() {
    EngineReading reading =
        read(
            """
            sglang:num_running_reqs{model_name="m"} 4
            sglang:num_queue_reqs{model_name="m"} 5
            sglang:token_usage{model_name="m"} 0.5
            sglang:cache_config_info{page_size="64",num_pages="100"} 1
            """);
    assertEquals(Engine.SGLANG, reading.engine());
    assertEquals(5, reading.waiting());
    assertEquals(OptionalDouble.of(6400), reading.kvCapacityTokens());
  }

  @Test
  void tensorRtLlmAndTriton() {
    EngineReading serve = read("trtllm_num_requests_waiting 7\ntrtllm_kv_cache_utilization 0.75\n");
    assertEquals(Engine.TENSORRT_LLM, serve.engine());
    assertEquals(0.75, serve.kvUsage());
    EngineReading triton =
        read(
            """
            nv_trt_llm_request_metrics{model="m",request_type="waiting"} 3
            nv_trt_llm_request_metrics{model="m",request_type="scheduled"} 9
            nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="fraction"} 0.1
            nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="max"} 10
            nv_trt_llm_kv_cache_block_metrics{kv_cache_block_type="tokens_per"} 64
            """);
    assertEquals(Engine.TRITON, triton.engine());
    assertEquals(9, triton.running());
    assertEquals(OptionalDouble.of(640), triton.kvCapacityTokens());
  }

  @Test
  void aPageOfSomethingElseIsNoReading() {
    assertTrue(EngineReader.read(MetricsText.parse("go_goroutines 5\n")).isEmpty());
  }

  @Test
  void garbageIsNamedWithItsLine() {
    IllegalArgumentException html =
        assertThrows(
            IllegalArgumentException.class, () -> MetricsText.parse("up 1\n<html>nope</html>"));
    assertEquals(
        "line 2: a metric's name is wanted at column 1 of '<html>nope</html>'", html.getMessage());
    assertThrows(IllegalArgumentException.class, () -> MetricsText.parse("up{a=\"b} 1"));
    assertThrows(IllegalArgumentException.class, () -> MetricsText.parse("up{a} 1"));
    assertThrows(IllegalArgumentException.class, () -> MetricsText.parse("up one"));
  }
}
