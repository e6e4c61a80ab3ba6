package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.management.ThreadMXBean;
import dev.kvasir.runtime.engine.EngineOptions.LoadFormat;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Decoding that goes on makes no garbage but what it hands to others. Until the kernels are
 * compiled each vector is an object, so the least of many steps is what counts.
 */
class DecodeAllocationTest {
  private static final int LAYERS = 24;
  private static final int SEQUENCES = 4;

  /** Steps to measure together. */
  private static final int WINDOW = 50;

  /**
   * Bytes of a step, about 375: an event for each sequence, the state that other threads read, the
   * records of a plan and of a step, now and then a block's hash. One object for each layer,
   * however small, would add 16 bytes times 24.
   */
  private static final int MOST_BYTES = 700;

  private static final int MOST_STEPS = 4000;

  @TempDir Path directory;

  @Test
  void aStepsBytesDoNotGrowWithLayersOrRows() throws Exception {
    check(Map.of());
  }

  @Test
  void norDoTheyWithPackedWeights() throws Exception {
    check(
        Map.of(
            "quantization_config",
            Map.of("quant_method", "awq", "bits", 4, "group_size", 32, "zero_point", true)));
  }

  private void check(Map<String, Object> quantization) throws Exception {
    try (StartedEngine started = EngineStarter.start(options(model(quantization)))) {
      Meter meter = new Meter();
      started.engine().addListener(meter);
      List<GenerationStream> streams = new ArrayList<>();
      for (int i = 0; i < SEQUENCES; i++) {
        streams.add(started.engine().submit(request(i)));
      }
      for (int i = 0; i < MOST_STEPS && meter.least > MOST_BYTES; i++) {
        for (GenerationStream stream : streams) {
          stream.next(Duration.ofSeconds(60));
        }
      }
      streams.forEach(GenerationStream::cancel);
      assertTrue(
          meter.least <= MOST_BYTES,
          "a step of %d sequences took %d bytes at best".formatted(SEQUENCES, meter.least));
    }
  }

  private static GenerationRequest request(int i) {
    SamplingParameters sampling =
        new SamplingParameters(1, 0.95, 50, i, SamplingParameters.NO_LOGPROBS);
    int[] prompt = {1, 2, 3, 4 + i};
    return new GenerationRequest("r" + i, prompt, sampling, MOST_STEPS + 10, Set.of());
  }

  private Path model(Map<String, Object> quantization) throws IOException {
    Map<String, Object> config = new TreeMap<>(quantization);
    config.put("architectures", List.of("LlamaForCausalLM"));
    config.put("model_type", "llama");
    config.put("hidden_size", 64);
    config.put("intermediate_size", 96);
    config.put("num_hidden_layers", LAYERS);
    config.put("num_attention_heads", 4);
    config.put("num_key_value_heads", 2);
    config.put("vocab_size", 200);
    config.put("max_position_embeddings", 2 * MOST_STEPS);
    config.put("rms_norm_eps", 1e-6);
    config.put("rope_theta", 10000.0);
    config.put("hidden_act", "silu");
    config.put("tie_word_embeddings", false);
    new ObjectMapper().writeValue(directory.resolve("config.json").toFile(), config);
    return directory;
  }

  private static EngineOptions options(Path model) {
    EngineOptions o = EngineOptions.defaults(model);
    return new EngineOptions(
        o.model(),
        o.device(),
        o.maxModelLen(),
        SEQUENCES,
        OptionalInt.of(64),
        o.blockSize(),
        o.maxWaiting(),
        o.kvCacheMemoryBytes(),
        o.kvBlocksOverride(),
        o.kvCacheType(),
        o.weightType(),
        o.quantization(),
        LoadFormat.DUMMY,
        true,
        3,
        o.gpuMemoryUtilization());
  }

  /** Counts what the engine's thread and its device's allocate; runs on the former. */
  private static final class Meter implements EngineListener {
    private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    private final long[] ids =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().matches("kvasir-(engine|cpu-.*)"))
            .mapToLong(Thread::threadId)
            .toArray();
    private int steps;
    private long before;
    private volatile long least = Long.MAX_VALUE;

    @Override
    public void onStep(int rows, int promptTokens, int outputTokens) {
      if (++steps % WINDOW == 0) {
        long now = allocated();
        least = Math.min(least, before == 0 ? Long.MAX_VALUE : (now - before) / WINDOW);
        before = allocated();
      }
    }

    private long allocated() {
      long sum = 0;
      for (long id : ids) {
        sum += threads.getThreadAllocatedBytes(id);
      }
      return sum;
    }

    @Override
    public void onFinished(RequestReport report) {}
  }
}
