package dev.kvasir.runtime.metrics;

import dev.kvasir.runtime.device.Device;
import dev.kvasir.runtime.engine.EngineLimits;
import dev.kvasir.runtime.engine.EngineStats;
import dev.kvasir.runtime.engine.MeasuredCapacity;
import dev.kvasir.runtime.engine.MemoryPlan;
import dev.kvasir.runtime.engine.StartedEngine;
import io.prometheus.client.Collector;
import io.prometheus.client.CounterMetricFamily;
import io.prometheus.client.GaugeMetricFamily;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The engine's state, read at each scrape. */
final class EngineCollector extends Collector {
  static final String ENGINE = "0";
  private static final List<String> NAMES = List.of("model_name", "engine");

  private final StartedEngine started;
  private final List<String> labels;

  EngineCollector(StartedEngine started, String modelName) {
    this.started = started;
    this.labels = List.of(modelName, ENGINE);
  }

  @Override
  public List<MetricFamilySamples> collect() {
    EngineStats stats = started.engine().stats();
    EngineLimits limits = started.engine().limits();
    List<MetricFamilySamples> all = new ArrayList<>();
    all.add(gauge("vllm:num_requests_running", "Requests in the batch.", stats.running()));
    all.add(gauge("vllm:num_requests_waiting", "Requests in the queue.", stats.waiting()));
    all.add(
        gauge(
            "vllm:kv_cache_usage_perc",
            "Share of KV blocks in use, 1 is all; cached blocks count as free.",
            stats.kvUsage()));
    all.add(counter("vllm:num_preemptions", "Preempted sequences.", (double) stats.preemptions()));
    all.add(
        counter(
            "vllm:prefix_cache_queries",
            "Prompt tokens looked up in the prefix cache, once a request.",
            (double) stats.prefixQueries()));
    all.add(
        counter(
            "vllm:prefix_cache_hits",
            "Prompt tokens found in the prefix cache.",
            (double) stats.prefixHits()));
    all.add(cacheConfig(limits));
    all.add(
        new CounterMetricFamily(
            "kvasir_engine_steps", "Steps of the engine.", (double) stats.steps()));
    all.add(
        own(
            "kvasir_last_step_age_seconds",
            "Time since the last step while work waits or runs; 0 when idle.",
            stats.lastStepAgeSeconds()));
    all.add(
        own(
            "kvasir_waiting_prompt_tokens",
            "Prompt tokens queued and not yet computed.",
            (double) stats.waitingPromptTokens()));
    all.add(
        own("kvasir_kv_tokens", "Tokens that running requests hold.", (double) stats.kvTokens()));
    all.add(
        own(
            "kvasir_kv_capacity_tokens",
            "Tokens that the KV pool holds.",
            limits.numBlocks() * (double) limits.blockSize()));
    all.add(blocks(stats));
    if (!started.device().name().isEmpty()) {
      all.add(card(started.device()));
      all.add(memory(started.device().memoryByUse()));
    } else {
      all.add(memory(planned(started.memory())));
    }
    all.add(preemptions(stats));
    started.engine().capacity().ifPresent(capacity -> all.add(capacity(capacity)));
    return all;
  }

  private MetricFamilySamples gauge(String name, String help, double value) {
    return new GaugeMetricFamily(name, help, NAMES).addMetric(labels, value);
  }

  private static MetricFamilySamples own(String name, String help, double value) {
    return new GaugeMetricFamily(name, help, value);
  }

  private MetricFamilySamples counter(String name, String help, double value) {
    return new CounterMetricFamily(name, help, NAMES).addMetric(labels, value);
  }

  private MetricFamilySamples cacheConfig(EngineLimits limits) {
    return new GaugeMetricFamily(
            "vllm:cache_config_info",
            "How the KV cache is set up; always 1.",
            List.of(
                "model_name",
                "engine",
                "block_size",
                "num_gpu_blocks",
                "cache_dtype",
                "enable_prefix_caching"))
        .addMetric(
            List.of(
                labels.get(0),
                ENGINE,
                String.valueOf(limits.blockSize()),
                String.valueOf(limits.numBlocks()),
                started.memory().kvType(),
                limits.prefixCaching() ? "True" : "False"),
            1);
  }

  private static MetricFamilySamples card(Device.Status device) {
    return new GaugeMetricFamily(
            "kvasir_device_info",
            "The card that the model runs on; always 1.",
            List.of("name", "memory_bytes", "driver"))
        .addMetric(
            List.of(device.name(), String.valueOf(device.memoryBytes()), device.driver()), 1);
  }

  private static MetricFamilySamples memory(Map<String, Long> bytesByUse) {
    GaugeMetricFamily memory =
        new GaugeMetricFamily(
            "kvasir_device_memory_bytes", "The device's memory by use.", List.of("use"));
    bytesByUse.forEach((use, bytes) -> memory.addMetric(List.of(use), bytes));
    return memory;
  }

  /** A processor shares its memory with others, so what counts there is what was planned for. */
  private static Map<String, Long> planned(MemoryPlan memory) {
    return Map.of(
        "weights", memory.weightBytes(),
        "kv", memory.kvBytes(),
        "workspace", memory.workspaceBytes(),
        "free", Math.max(0, memory.usableBytes() - memory.totalBytes()));
  }

  private static MetricFamilySamples blocks(EngineStats stats) {
    GaugeMetricFamily blocks =
        new GaugeMetricFamily("kvasir_blocks", "KV blocks by state.", List.of("state"));
    // The pool counts cached blocks as free too; here each block is in one state.
    blocks.addMetric(List.of("free"), stats.freeBlocks() - (double) stats.cachedBlocks());
    blocks.addMetric(List.of("cached"), stats.cachedBlocks());
    blocks.addMetric(List.of("used"), stats.usedBlocks());
    return blocks;
  }

  private static MetricFamilySamples capacity(MeasuredCapacity capacity) {
    return new GaugeMetricFamily(
            "kvasir_capacity_tokens_per_second",
            "What this replica can do, by its own measure.",
            List.of("kind"))
        .addMetric(List.of("prompt"), capacity.promptTokensPerSecond())
        .addMetric(List.of("output"), capacity.outputTokensPerSecond());
  }

  private static MetricFamilySamples preemptions(EngineStats stats) {
    return new CounterMetricFamily("kvasir_preemptions", "Preempted sequences.", List.of("cause"))
        .addMetric(List.of("blocks"), (double) stats.preemptions());
  }
}
