package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.sampling.SamplingParameters;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What is asked of a prompt itself, its log-probabilities and its last hidden state, against
 * transformers: prompts.json has both for the prompts of reference.json.
 */
class PromptScoresTest {
  private static final int ROUNDS = 20;
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  /** All that a request gave. */
  private record Given(
      List<GenerationEvent.Token> prompt,
      List<Integer> ranks,
      List<Integer> output,
      float[] hidden,
      FinishReason reason) {}

  @ParameterizedTest
  @ValueSource(strings = {"llama-tied", "llama-biased"})
  void areTransformersInEveryBatchAndChunk(String name) throws Exception {
    List<Given> alone = run(name, 512, 256, 0, false);
    assertLikeTransformers(name, alone);
    // Two sequences at once leave 16 rows of logits a step.
    for (List<Given> other :
        List.of(
            run(name, 512, 256, 0, true),
            run(name, 7, 256, 0, true),
            run(name, 512, 2, 0, true),
            run(name, 40, 256, 12, true))) {
      assertSame(alone, other);
    }
  }

  private static void assertLikeTransformers(String name, List<Given> found) throws Exception {
    JsonNode wanted =
        new ObjectMapper().readTree(CHECKPOINTS.resolve(name).resolve("prompts.json").toFile());
    for (int i = 0; i < wanted.size(); i++) {
      Given scored = found.get(2 * i);
      JsonNode logprobs = wanted.get(i).get("prompt_logprobs");
      assertEquals(logprobs.size(), scored.prompt().size());
      for (int at = 0; at < logprobs.size(); at++) {
        assertEquals(
            logprobs.get(at).doubleValue(), scored.prompt().get(at).logprob(), 1e-3, "at " + at);
      }
      float[] hidden = found.get(2 * i + 1).hidden();
      assertEquals(FinishReason.STOP, found.get(2 * i + 1).reason());
      for (int at = 0; at < hidden.length; at++) {
        assertEquals(
            wanted.get(i).get("hidden").get(at).doubleValue(), hidden[at], 1e-3, "at " + at);
      }
    }
  }

  private static void assertSame(List<Given> alone, List<Given> other) {
    for (int i = 0; i < alone.size(); i++) {
      assertEquals(alone.get(i).prompt(), other.get(i).prompt());
      assertEquals(alone.get(i).ranks(), other.get(i).ranks());
      assertEquals(alone.get(i).output(), other.get(i).output());
      assertArrayEquals(alone.get(i).hidden(), other.get(i).hidden());
    }
  }

  /** For each prompt a request that scores it and generates, and one for its hidden state. */
  private static List<Given> run(String name, int budget, int seqs, int blocks, boolean together)
      throws Exception {
    try (StartedEngine started = EngineStarter.start(options(name, budget, seqs, blocks))) {
      Engine engine = started.engine();
      List<GenerationRequest> requests = requests(name);
      List<Given> all = answers(engine, requests, together);
      // On a busy machine they may come too far apart to meet.
      for (int i = 0; blocks > 0 && engine.stats().preemptions() == 0 && i < ROUNDS; i++) {
        assertSame(all, answers(engine, requests, together));
      }
      assertEquals(blocks > 0, engine.stats().preemptions() > 0, name);
      return all;
    }
  }

  private static List<GenerationRequest> requests(String name) throws Exception {
    List<GenerationRequest> requests = new ArrayList<>();
    for (Reference.Case wanted : Reference.read(reference(name)).cases()) {
      SamplingParameters sampling = SamplingParameters.greedy().withPromptLogprobs(3);
      requests.add(new GenerationRequest("scored", wanted.prompt(), sampling, 20, Set.of()));
      requests.add(GenerationRequest.hiddenState("h", wanted.prompt(), ""));
    }
    return requests;
  }

  private static List<Given> answers(
      Engine engine, List<GenerationRequest> requests, boolean together) throws Exception {
    List<Given> all = new ArrayList<>();
    List<GenerationStream> streams = new ArrayList<>();
    for (GenerationRequest request : requests) {
      streams.add(engine.submit(request));
      if (!together) {
        all.add(collect(streams.getLast()));
      }
    }
    for (GenerationStream stream : together ? streams : List.<GenerationStream>of()) {
      all.add(collect(stream));
    }
    return all;
  }

  private static Given collect(GenerationStream stream) throws InterruptedException {
    List<GenerationEvent.Token> prompt = new ArrayList<>();
    List<Integer> ranks = new ArrayList<>();
    List<Integer> output = new ArrayList<>();
    float[] hidden = null;
    while (true) {
      switch (stream.next(PATIENCE)) {
        case GenerationEvent.Prompt part -> {
          assertTrue(output.isEmpty(), "a prompt's scores come before its output");
          prompt.addAll(part.tokens());
          for (int rank : part.ranks()) {
            ranks.add(rank);
          }
        }
        case GenerationEvent.HiddenState state -> hidden = state.values();
        case GenerationEvent.Token token -> output.add(token.id());
        case GenerationEvent.Finished end -> {
          assertEquals(null, end.message());
          return new Given(prompt, ranks, output, hidden, end.reason());
        }
        case null -> throw new AssertionError("nothing came in " + PATIENCE);
      }
    }
  }

  private static Path reference(String name) {
    return CHECKPOINTS.resolve(name).resolve("reference.json");
  }

  private static EngineOptions options(String name, int budget, int seqs, int blocks) {
    EngineOptions o = EngineOptions.defaults(CHECKPOINTS.resolve(name));
    return new EngineOptions(
        o.model(),
        o.device(),
        o.maxModelLen(),
        seqs,
        OptionalInt.of(budget),
        o.blockSize(),
        o.maxWaiting(),
        o.kvCacheMemoryBytes(),
        blocks == 0 ? OptionalInt.empty() : OptionalInt.of(blocks),
        o.kvCacheType(),
        o.weightType(),
        o.quantization(),
        o.loadFormat(),
        o.prefixCaching(),
        o.seed(),
        o.gpuMemoryUtilization());
  }
}
