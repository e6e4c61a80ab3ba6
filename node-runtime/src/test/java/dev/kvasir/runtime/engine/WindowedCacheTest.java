package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.engine.EngineOptions.LoadFormat;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Models whose layers see a window, with random weights: what is given back is never missed. */
class WindowedCacheTest {
  private static final int WINDOW = 24;
  private static final int BLOCK_SIZE = 16;

  @TempDir Path directory;

  /** The first of three layers sees all, the others a window. */
  private Path mixed() throws IOException {
    return model(
        Map.of(
            "architectures",
            List.of("Qwen2ForCausalLM"),
            "model_type",
            "qwen2",
            "use_sliding_window",
            true,
            "max_window_layers",
            1,
            "sliding_window",
            WINDOW));
  }

  private Path windowed() throws IOException {
    return model(
        Map.of(
            "architectures",
            List.of("MistralForCausalLM"),
            "model_type",
            "mistral",
            "sliding_window",
            WINDOW));
  }

  private Path model(Map<String, Object> family) throws IOException {
    Map<String, Object> config = new java.util.HashMap<>(family);
    config.put("hidden_size", 32);
    config.put("intermediate_size", 48);
    config.put("num_hidden_layers", 3);
    config.put("num_attention_heads", 4);
    config.put("num_key_value_heads", 2);
    config.put("vocab_size", 120);
    config.put("max_position_embeddings", 400);
    config.put("rms_norm_eps", 1e-6);
    config.put("rope_theta", 10000.0);
    config.put("hidden_act", "silu");
    config.put("tie_word_embeddings", false);
    new ObjectMapper().writeValue(directory.resolve("config.json").toFile(), config);
    return directory;
  }

  @Test
  void groupsAreSizedByWhatTheirWindowsSee() throws Exception {
    MemoryPlan memory = EngineStarter.inspect(options(mixed(), 64, 0, true)).memory();

    assertEquals(
        List.of(0, WINDOW), memory.groups().stream().map(MemoryPlan.Group::window).toList());
    assertEquals(List.of(1, 2), memory.groups().stream().map(MemoryPlan.Group::layers).toList());
    assertEquals(8 * 400 / BLOCK_SIZE, memory.kvBlocks());
    // Eight sequences: a window of 24 lies in at most 3 blocks of 16, one more to grow into, and 64
    // tokens of a step.
    assertEquals(8 * (3 + 1) + 64 / BLOCK_SIZE, memory.groups().get(1).blocks());
    assertEquals(2 * memory.groups().get(0).blockBytes(), memory.groups().get(1).blockBytes());
    assertEquals(400, memory.maxModelLen());
  }

  @Test
  void theSameTokensComeWhateverIsGivenBackAndFoundAgain() throws Exception {
    Path model = mixed();
    List<GenerationRequest> requests = requests();
    List<List<Integer>> alone = run(requests, options(model, 512, 0, false), false);

    for (int budget : new int[] {1, 5, 23, 512}) {
      assertEquals(alone, run(requests, options(model, budget, 0, true), true));
      assertEquals(alone, run(requests, options(model, budget, 15, true), true));
    }
    assertEquals(alone, run(requests, options(model, 512, 0, true), false));
  }

  @Test
  void aWindowsSequenceMayOutgrowThePool() throws Exception {
    Path model = windowed();
    GenerationRequest request = request(IntStream.range(2, 102).toArray(), 250);
    List<List<Integer>> roomy = run(List.of(request), options(model, 512, 0, false), false);

    for (int budget : new int[] {3, 512}) {
      // Three blocks are what a window of 24 can lie in: 48 of 350 tokens.
      assertEquals(roomy, run(List.of(request), options(model, budget, 3, true), false));
    }
    assertEquals(400, EngineStarter.inspect(options(model, 512, 3, true)).memory().maxModelLen());
    MemoryPlan tooSmall = EngineStarter.inspect(options(model, 512, 2, true)).memory();
    assertEquals(2 * BLOCK_SIZE, tooSmall.maxModelLen());
  }

  @Test
  void aHitIsCountedAndSavesItsTokens() throws Exception {
    GenerationRequest request = request(IntStream.range(2, 102).toArray(), 10);
    try (StartedEngine started = EngineStarter.start(options(mixed(), 512, 0, true))) {
      GenerationStream miss = started.engine().submit(request);
      List<GenerationEvent.Token> first = Reference.collect(miss);
      GenerationStream hit = started.engine().submit(request);
      assertEquals(first, Reference.collect(hit));

      assertEquals(0, miss.cachedPromptTokens());
      assertEquals(96, hit.cachedPromptTokens());
      assertEquals(96, started.engine().stats().prefixHits());
    }
  }

  private static GenerationRequest request(int[] prompt, int maxTokens) {
    SamplingParameters sampling = new SamplingParameters(1, 0.95, 50, 7, 0);
    return new GenerationRequest("r", prompt, sampling, maxTokens, Set.of());
  }

  /** Several begin alike, for some blocks or all the way. */
  private static List<GenerationRequest> requests() {
    SplittableRandom random = new SplittableRandom(8);
    int[] beginning = random.ints(200, 2, 120).toArray();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int i = 0; i < 14; i++) {
      int[] prompt = java.util.Arrays.copyOf(beginning, random.nextInt(10, 150));
      if (i % 3 == 0) {
        prompt[random.nextInt(prompt.length)] = 1;
      }
      requests.add(request(prompt, random.nextInt(1, 60)));
    }
    return requests;
  }

  private static List<List<Integer>> run(
      List<GenerationRequest> requests, EngineOptions options, boolean together) throws Exception {
    List<List<Integer>> all = new ArrayList<>();
    try (StartedEngine started = EngineStarter.start(options)) {
      List<GenerationStream> streams = new ArrayList<>();
      for (GenerationRequest request : requests) {
        streams.add(started.engine().submit(request));
        if (!together) {
          all.add(ids(streams.getLast()));
        }
      }
      if (together) {
        for (GenerationStream stream : streams) {
          all.add(ids(stream));
        }
      }
      EngineStats stats = started.engine().stats();
      // With fewer tokens a step than sequences the later ones come no further.
      boolean allAdvance = options.maxNumBatchedTokens().getAsInt() > 8;
      if (together && allAdvance && options.kvBlocksOverride().isPresent()) {
        assertTrue(stats.preemptions() > 0, "the pool was meant to be too small");
      }
      if (options.prefixCaching() && requests.size() > 1) {
        assertTrue(stats.prefixHits() > 0, "nothing was found again");
      }
    }
    return all;
  }

  private static List<Integer> ids(GenerationStream stream) throws InterruptedException {
    return Reference.collect(stream).stream().map(GenerationEvent.Token::id).toList();
  }

  private static EngineOptions options(Path model, int budget, int blocks, boolean prefixCaching) {
    EngineOptions o = EngineOptions.defaults(model);
    return new EngineOptions(
        o.model(),
        o.device(),
        o.maxModelLen(),
        8,
        OptionalInt.of(budget),
        BLOCK_SIZE,
        o.maxWaiting(),
        o.kvCacheMemoryBytes(),
        blocks == 0 ? OptionalInt.empty() : OptionalInt.of(blocks),
        o.kvCacheType(),
        o.weightType(),
        o.quantization(),
        LoadFormat.DUMMY,
        prefixCaching,
        3,
        o.gpuMemoryUtilization());
  }
}
