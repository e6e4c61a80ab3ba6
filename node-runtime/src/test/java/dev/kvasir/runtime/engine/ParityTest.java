package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import dev.kvasir.runtime.sampling.Penalties;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.sampling.TokenRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The CPU device against Hugging Face transformers, on the checkpoints of make-fixtures.py. */
class ParityTest {
  private static final int ROUNDS = 20;
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");

  static List<String> checkpoints() {
    return List.of(
        "llama-biased",
        "llama-tied",
        "llama-longrope",
        "mistral",
        "qwen2",
        "qwen3",
        "gemma2",
        "gemma3",
        "phi3");
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void saysWhatTransformersSays(String name) throws Exception {
    Reference reference = Reference.read(CHECKPOINTS.resolve(name).resolve("reference.json"));
    try (StartedEngine started = EngineStarter.start(options(name, 512, 0))) {
      for (Reference.Case wanted : reference.cases()) {
        List<GenerationEvent.Token> found =
            Reference.collect(started.engine().submit(wanted.request("r")));
        Reference.Verdict verdict = Reference.judge(wanted, found);
        assertNull(verdict.objection(), verdict.toString());
        assertTrue(verdict.meanDifference() < 1e-3, verdict.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("checkpoints")
  void saysTheSameInEveryBatchAndChunkAndAfterPreemptions(String name) throws Exception {
    assertSameHoweverItRuns(name, requests(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"llama-biased", "llama-tied"})
  void penaltiesAndRulesChangeNothingAboutThat(String name) throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    for (GenerationRequest plain : requests(name)) {
      requests.add(penalized(plain.promptTokenIds(), requests.size(), plain.maxTokens()));
    }
    assertSameHoweverItRuns(name, requests);
  }

  private static void assertSameHoweverItRuns(String name, List<GenerationRequest> requests)
      throws Exception {
    List<List<GenerationEvent.Token>> alone =
        run(name, requests, options(name, 512, 0, false), false);

    for (boolean prefixCaching : new boolean[] {false, true}) {
      assertEquals(alone, run(name, requests, options(name, 512, 0, prefixCaching), true));
      assertEquals(alone, run(name, requests, options(name, 7, 0, prefixCaching), true));
      assertEquals(
          alone, run(name, requests, options(name, 40, fewBlocks(name), prefixCaching), true));
    }
  }

  /** The references round keys and values alike, where transformers puts them into its cache. */
  @ParameterizedTest
  @EnumSource(names = {"BF16", "FP8"})
  void storesKeysAndValuesAsTheReferenceDoes(KvCacheType type) throws Exception {
    String file = "reference-" + type.name().toLowerCase(java.util.Locale.ROOT) + ".json";
    Reference reference = Reference.read(CHECKPOINTS.resolve("llama-biased").resolve(file));
    EngineOptions options = options("llama-biased", 512, 0, true, type);
    try (StartedEngine started = EngineStarter.start(options)) {
      for (Reference.Case wanted : reference.cases()) {
        List<GenerationEvent.Token> found =
            Reference.collect(started.engine().submit(wanted.request("r")));
        Reference.Verdict verdict = Reference.judge(wanted, found);
        assertNull(verdict.objection(), verdict.toString());
        assertTrue(verdict.meanDifference() < 3e-3, verdict.toString());
      }
    }
  }

  @ParameterizedTest
  @EnumSource(KvCacheType.class)
  void smallerKeysAndValuesAreTheSameEverywhereToo(KvCacheType type) throws Exception {
    List<GenerationRequest> requests = requests("llama-biased");
    List<List<GenerationEvent.Token>> alone =
        run("llama-biased", requests, options("llama-biased", 512, 0, false, type), false);

    assertEquals(
        alone, run("llama-biased", requests, options("llama-biased", 512, 0, true, type), true));
    assertEquals(
        alone, run("llama-biased", requests, options("llama-biased", 19, 12, true, type), true));
  }

  /** These turn positions by the length of their sequence. */
  @ParameterizedTest
  @ValueSource(strings = {"llama-longrope", "qwen2", "phi3"})
  void beginningsAreSharedOnlyWhereTheyTurnAlike(String name) throws Exception {
    int[] longest = requests(name).getLast().promptTokenIds();
    List<GenerationRequest> requests = new ArrayList<>();
    for (int length : new int[] {40, 150, 60, 100, 150, 71}) {
      requests.add(sampled(Arrays.copyOf(longest, length), length));
    }

    List<List<GenerationEvent.Token>> unshared =
        run(name, requests, options(name, 512, 0, false), false);

    assertEquals(unshared, run(name, requests, options(name, 512, 0, true), false));
  }

  /** So few that not all requests fit at once; where all layers have windows, few are enough. */
  private static int fewBlocks(String name) {
    return name.equals("mistral") ? 7 : 12;
  }

  @Test
  void aSeedGivesTheSameDrawAgainAndAnotherSeedAnother() throws Exception {
    int[] prompt = IntStream.range(2, 40).toArray();
    GenerationRequest first = sampled(prompt, 1);
    GenerationRequest second = sampled(prompt, 2);
    List<List<GenerationEvent.Token>> found =
        run("llama-tied", List.of(first, second, first), options("llama-tied", 512, 0), true);

    assertEquals(found.get(0), found.get(2));
    assertTrue(!found.get(0).equals(found.get(1)), "two seeds drew the same 24 tokens");
  }

  /** The reference's prompts, greedy with log-probabilities and drawn with seeds. */
  private static List<GenerationRequest> requests(String name) throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    Reference reference = Reference.read(CHECKPOINTS.resolve(name).resolve("reference.json"));
    for (Reference.Case wanted : reference.cases()) {
      requests.add(wanted.request("greedy"));
      for (int seed = 0; seed < 3; seed++) {
        requests.add(sampled(wanted.prompt(), seed));
      }
    }
    return requests;
  }

  private static GenerationRequest sampled(int[] prompt, long seed) {
    return new GenerationRequest(
        "drawn", prompt, new SamplingParameters(1, 0.95, 50, seed, 3), 24, Set.of());
  }

  /** Everything that looks at the tokens there are. */
  private static GenerationRequest penalized(int[] prompt, long seed, int maxTokens) {
    SamplingParameters sampling =
        new SamplingParameters(seed % 4 == 0 ? 0 : 1, 1, 0, seed, 3)
            .withMinP(0.05)
            .withPenalties(new Penalties(1.3, 0.5, 0.4))
            .withRules(
                TokenRules.NONE
                    .withBiases(new int[] {3, 5}, new float[] {2, -100})
                    .withBadWords(new int[][] {{7}, {3, 4}, {3, 3}})
                    .withMinTokens(maxTokens - 1, new int[] {1, 2}));
    return new GenerationRequest("penalized", prompt, sampling, maxTokens, Set.of(1, 2));
  }

  private static List<List<GenerationEvent.Token>> run(
      String name, List<GenerationRequest> requests, EngineOptions options, boolean together)
      throws Exception {
    try (StartedEngine started = EngineStarter.start(options)) {
      Engine engine = started.engine();
      List<List<GenerationEvent.Token>> all = answers(engine, requests, together);
      boolean scarce = options.kvBlocksOverride().isPresent();
      // On a busy machine they may come too far apart to meet.
      for (int i = 0; scarce && engine.stats().preemptions() == 0 && i < ROUNDS; i++) {
        assertEquals(all, answers(engine, requests, together));
      }
      assertEquals(scarce, engine.stats().preemptions() > 0, name);
      // Every prompt comes four times.
      assertEquals(options.prefixCaching(), engine.stats().prefixHits() > 0, name);
      return all;
    }
  }

  private static List<List<GenerationEvent.Token>> answers(
      Engine engine, List<GenerationRequest> requests, boolean together) throws Exception {
    List<List<GenerationEvent.Token>> all = new ArrayList<>();
    List<GenerationStream> streams = new ArrayList<>();
    for (GenerationRequest request : requests) {
      streams.add(engine.submit(request));
      if (!together) {
        all.add(Reference.collect(streams.getLast()));
      }
    }
    for (GenerationStream stream : together ? streams : List.<GenerationStream>of()) {
      all.add(Reference.collect(stream));
    }
    return all;
  }

  private static EngineOptions options(String name, int budget, int blocks) {
    return options(name, budget, blocks, true);
  }

  private static EngineOptions options(String name, int budget, int blocks, boolean prefixCaching) {
    return options(name, budget, blocks, prefixCaching, KvCacheType.AUTO);
  }

  private static EngineOptions options(
      String name, int budget, int blocks, boolean prefixCaching, KvCacheType kvCacheType) {
    EngineOptions o = EngineOptions.defaults(CHECKPOINTS.resolve(name));
    return new EngineOptions(
        o.model(),
        o.device(),
        o.maxModelLen(),
        o.maxNumSeqs(),
        OptionalInt.of(budget),
        o.blockSize(),
        o.maxWaiting(),
        o.kvCacheMemoryBytes(),
        blocks == 0 ? OptionalInt.empty() : OptionalInt.of(blocks),
        kvCacheType,
        o.weightType(),
        o.quantization(),
        o.loadFormat(),
        prefixCaching,
        o.seed(),
        o.gpuMemoryUtilization());
  }
}
