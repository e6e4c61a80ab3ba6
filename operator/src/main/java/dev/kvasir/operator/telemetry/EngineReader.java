package dev.kvasir.operator.telemetry;

import dev.kvasir.operator.telemetry.EngineReading.Engine;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;

/** Finds out whose page it is, and reads it. */
public final class EngineReader {
  private static final String TRITON_REQUESTS = "nv_trt_llm_request_metrics";
  private static final String TRITON_BLOCKS = "nv_trt_llm_kv_cache_block_metrics";

  private static final String CARD = "kvasir_device_info";
  private static final String CARD_MEMORY = "kvasir_device_memory_bytes";
  private static final String FIRST_TOKEN = "vllm:time_to_first_token_seconds";
  private static final String INTER_TOKEN = "vllm:inter_token_latency_seconds";

  /** What vLLM called it before. */
  private static final String PER_OUTPUT_TOKEN = "vllm:time_per_output_token_seconds";

  /** Every name that is read; the rest of a page need not be parsed. */
  private static final Set<String> NAMES =
      Set.of(
          "vllm:num_requests_running",
          "vllm:num_requests_waiting",
          "vllm:kv_cache_usage_perc",
          "vllm:cache_config_info",
          "vllm:prompt_tokens_total",
          "vllm:prompt_tokens_cached_total",
          "vllm:generation_tokens_total",
          FIRST_TOKEN + "_bucket",
          INTER_TOKEN + "_bucket",
          PER_OUTPUT_TOKEN + "_bucket",
          "kvasir_build_info",
          "kvasir_waiting_prompt_tokens",
          "kvasir_kv_capacity_tokens",
          "kvasir_capacity_tokens_per_second",
          "kvasir_draining",
          CARD,
          CARD_MEMORY,
          "sglang:num_running_reqs",
          "sglang:num_queue_reqs",
          "sglang:token_usage",
          "sglang:max_total_num_tokens",
          "sglang:cache_config_info",
          "sglang:prompt_tokens_total",
          "sglang:generation_tokens_total",
          "trtllm_num_requests_running",
          "trtllm_num_requests_waiting",
          "trtllm_kv_cache_utilization",
          "trtllm_kv_cache_max_blocks",
          "trtllm_kv_cache_tokens_per_block",
          TRITON_REQUESTS,
          TRITON_BLOCKS);

  private EngineReader() {}

  /** Reads a page; throws {@link IllegalArgumentException} where it is no page of an engine. */
  public static EngineReading read(String page) {
    return read(MetricsText.parse(page, NAMES::contains))
        .orElseThrow(() -> new IllegalArgumentException("no engine's metrics that are known"));
  }

  /** What a page says; empty where it is no engine's that is known. */
  public static Optional<EngineReading> read(MetricsText page) {
    if (page.has("vllm:num_requests_running")) {
      return Optional.of(vllm(page));
    }
    if (page.has("sglang:num_running_reqs")) {
      return Optional.of(sglang(page));
    }
    if (page.has("trtllm_num_requests_waiting") || page.has("trtllm_num_requests_running")) {
      return Optional.of(tensorRtLlm(page));
    }
    return page.has(TRITON_REQUESTS) ? Optional.of(triton(page)) : Optional.empty();
  }

  private static EngineReading vllm(MetricsText page) {
    return new EngineReading(
        page.has("kvasir_build_info") ? Engine.KVASIR : Engine.VLLM,
        page.sum("vllm:num_requests_running"),
        page.sum("vllm:num_requests_waiting"),
        optional(page, "kvasir_waiting_prompt_tokens"),
        page.sum("vllm:kv_cache_usage_perc"),
        page.has("kvasir_kv_capacity_tokens")
            ? optional(page, "kvasir_kv_capacity_tokens")
            : product(page, "vllm:cache_config_info", "num_gpu_blocks", "block_size"),
        computedPrompt(page),
        optional(page, "vllm:generation_tokens_total"),
        capacity(page, "prompt"),
        capacity(page, "output"),
        Histogram.of(page, FIRST_TOKEN),
        interToken(page),
        page.sum("kvasir_draining") > 0,
        card(page));
  }

  private static Optional<Card> card(MetricsText page) {
    return page.samples(CARD).stream()
        .map(MetricsText.Sample::labels)
        .filter(labels -> !labels.getOrDefault("name", "").isEmpty())
        .findFirst()
        .map(labels ->
            new Card(
                labels.get("name"),
                number(labels.get("memory_bytes")).orElse(0),
                labels.getOrDefault("driver", ""),
                memoryByUse(page)));
  }

  private static Map<String, Double> memoryByUse(MetricsText page) {
    return page.samples(CARD_MEMORY).stream()
        .filter(sample -> sample.labels().containsKey("use"))
        .collect(
            Collectors.toMap(
                sample -> sample.labels().get("use"), MetricsText.Sample::value, Double::sum));
  }

  private static Histogram interToken(MetricsText page) {
    Histogram now = Histogram.of(page, INTER_TOKEN);
    return now.counts().isEmpty() ? Histogram.of(page, PER_OUTPUT_TOKEN) : now;
  }

  /** Prompt tokens less the ones that were found in the cache, which cost nothing. */
  private static OptionalDouble computedPrompt(MetricsText page) {
    OptionalDouble all = optional(page, "vllm:prompt_tokens_total");
    return all.isEmpty()
        ? all
        : OptionalDouble.of(all.getAsDouble() - page.sum("vllm:prompt_tokens_cached_total"));
  }

  private static OptionalDouble capacity(MetricsText page, String kind) {
    double value = page.sum("kvasir_capacity_tokens_per_second", "kind", kind);
    return value > 0 ? OptionalDouble.of(value) : OptionalDouble.empty();
  }

  private static EngineReading sglang(MetricsText page) {
    return other(
        Engine.SGLANG,
        page.sum("sglang:num_running_reqs"),
        page.sum("sglang:num_queue_reqs"),
        page.sum("sglang:token_usage"),
        page.has("sglang:max_total_num_tokens")
            ? optional(page, "sglang:max_total_num_tokens")
            : product(page, "sglang:cache_config_info", "num_pages", "page_size"),
        optional(page, "sglang:prompt_tokens_total"),
        optional(page, "sglang:generation_tokens_total"));
  }

  private static EngineReading tensorRtLlm(MetricsText page) {
    OptionalDouble blocks = optional(page, "trtllm_kv_cache_max_blocks");
    OptionalDouble perBlock = optional(page, "trtllm_kv_cache_tokens_per_block");
    return other(
        Engine.TENSORRT_LLM,
        page.sum("trtllm_num_requests_running"),
        page.sum("trtllm_num_requests_waiting"),
        page.sum("trtllm_kv_cache_utilization"),
        product(blocks, perBlock),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  private static EngineReading triton(MetricsText page) {
    return other(
        Engine.TRITON,
        page.sum(TRITON_REQUESTS, "request_type", "scheduled"),
        page.sum(TRITON_REQUESTS, "request_type", "waiting"),
        page.sum(TRITON_BLOCKS, "kv_cache_block_type", "fraction"),
        product(
            OptionalDouble.of(page.sum(TRITON_BLOCKS, "kv_cache_block_type", "max")),
            OptionalDouble.of(page.sum(TRITON_BLOCKS, "kv_cache_block_type", "tokens_per"))),
        OptionalDouble.empty(),
        OptionalDouble.empty());
  }

  private static EngineReading other(
      Engine engine,
      double running,
      double waiting,
      double kvUsage,
      OptionalDouble kvCapacity,
      OptionalDouble promptTokens,
      OptionalDouble outputTokens) {
    return new EngineReading(
        engine,
        running,
        waiting,
        OptionalDouble.empty(),
        kvUsage,
        kvCapacity,
        promptTokens,
        outputTokens,
        OptionalDouble.empty(),
        OptionalDouble.empty(),
        Histogram.EMPTY,
        Histogram.EMPTY,
        false,
        Optional.empty());
  }

  private static OptionalDouble optional(MetricsText page, String name) {
    return page.has(name) ? OptionalDouble.of(page.sum(name)) : OptionalDouble.empty();
  }

  private static OptionalDouble product(OptionalDouble a, OptionalDouble b) {
    return a.isPresent() && b.isPresent() && a.getAsDouble() * b.getAsDouble() > 0
        ? OptionalDouble.of(a.getAsDouble() * b.getAsDouble())
        : OptionalDouble.empty();
  }

  /** Of two labels of an info metric. */
  private static OptionalDouble product(MetricsText page, String name, String a, String b) {
    return page.samples(name).stream()
        .findFirst()
        .map(info -> product(number(info.labels().get(a)), number(info.labels().get(b))))
        .orElse(OptionalDouble.empty());
  }

  private static OptionalDouble number(String text) {
    try {
      return text == null ? OptionalDouble.empty() : OptionalDouble.of(Double.parseDouble(text));
    } catch (NumberFormatException e) {
      return OptionalDouble.empty();
    }
  }
}
