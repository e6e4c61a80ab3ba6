package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.grammar.Grammar;
import dev.kvasir.runtime.grammar.GrammarSpec;
import dev.kvasir.runtime.grammar.Grammars;
import dev.kvasir.runtime.grammar.Vocabulary;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.sampling.TokenRules;
import dev.kvasir.runtime.tokenizer.TokenBytes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Grammars on the real engine with the sample model, at temperature 1. */
@Timeout(120)
class GrammarEngineTest {
  private static final Path MODEL = Path.of("models/sample");
  private static final int EOS = 1;
  private static final String SCHEMA =
      """
      {"type": "object", "required": ["name", "tags"], "properties": {
        "name": {"type": "string", "minLength": 3, "maxLength": 30},
        "tags": {"type": "array", "minItems": 1, "maxItems": 6, "items": {"enum": ["a", "bb", 3]}}}}
      """;

  private record Output(String text, int tokens, FinishReason reason, String message) {}

  private final byte[][] bytes = TokenBytes.read(MODEL);
  private final Grammars grammars = new Grammars(new Vocabulary(bytes));

  GrammarEngineTest() throws Exception {}

  private Grammar schema(String schema) throws Exception {
    return grammars.compile(new GrammarSpec.JsonSchema(schema));
  }

  private static StartedEngine start(OptionalInt blocks) {
    EngineOptions d = EngineOptions.defaults(MODEL);
    return EngineStarter.start(
        new EngineOptions(
            d.model(),
            d.device(),
            OptionalInt.of(200),
            8,
            OptionalInt.of(64),
            16,
            64,
            d.kvCacheMemoryBytes(),
            blocks,
            d.kvCacheType(),
            d.weightType(),
            d.quantization(),
            d.loadFormat(),
            d.prefixCaching(),
            0,
            EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION));
  }

  private static GenerationRequest request(Grammar grammar, int maxTokens, long seed) {
    return request(
        grammar, maxTokens, new SamplingParameters(1, 1, 0, seed, SamplingParameters.NO_LOGPROBS));
  }

  private static GenerationRequest request(
      Grammar grammar, int maxTokens, SamplingParameters sampling) {
    int[] prompt = {0, 4, 300, 301, 302, 303, 304, 305, 306, 307, 308, 309, 310, 311, 312, 313, 5};
    return new GenerationRequest("r", prompt, sampling, maxTokens, Set.of(EOS), false, "", grammar);
  }

  private Output read(GenerationStream stream) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int tokens = 0;
    while (true) {
      switch (stream.next(Duration.ofSeconds(30))) {
        case GenerationEvent.Token token -> {
          tokens++;
          out.writeBytes(token.id() == EOS ? new byte[0] : bytes[token.id()]);
        }
        case GenerationEvent.Finished end -> {
          String text = out.toString(StandardCharsets.UTF_8);
          return new Output(text, tokens, end.reason(), end.message());
        }
        case GenerationEvent.Prompt p -> throw new AssertionError(p);
        case GenerationEvent.HiddenState h -> throw new AssertionError(h);
      }
    }
  }

  private List<Output> all(StartedEngine started, Grammar grammar, int count) throws Exception {
    List<GenerationStream> streams = new ArrayList<>();
    for (int seed = 0; seed < count; seed++) {
      streams.add(started.engine().submit(request(grammar, 80, seed)));
    }
    List<Output> outputs = new ArrayList<>();
    for (GenerationStream stream : streams) {
      outputs.add(read(stream));
    }
    return outputs;
  }

  @Test
  void theSameAnswersComeWhateverTheBatchAndThePreemptions() throws Exception {
    Grammar grammar = schema(SCHEMA);
    List<Output> roomy;
    try (StartedEngine started = start(OptionalInt.empty())) {
      roomy = all(started, grammar, 12);
    }
    try (StartedEngine started = start(OptionalInt.of(14))) {
      assertEquals(roomy, all(started, grammar, 12));
      assertTrue(started.engine().stats().preemptions() > 0, "the pool was meant to be too small");
    }
    for (Output output : roomy) {
      assertEquals(FinishReason.STOP, output.reason(), output.toString());
      assertTrue(new ObjectMapper().readTree(output.text()).has("tags"), output.toString());
    }
  }

  @Test
  void anAnswerIsBroughtToItsEndBeforeTheTokensRunOut() throws Exception {
    Grammar open = grammars.compile(new GrammarSpec.JsonObject());
    try (StartedEngine started = start(OptionalInt.empty())) {
      for (int seed = 0; seed < 8; seed++) {
        Output output = read(started.engine().submit(request(open, 40, seed)));
        assertEquals(FinishReason.STOP, output.reason(), output.toString());
        assertTrue(new ObjectMapper().readTree(output.text()).isObject(), output.toString());
      }
      Output tooFew = read(started.engine().submit(request(schema(SCHEMA), 4, 1)));
      assertEquals(new Output(tooFew.text(), 4, FinishReason.LENGTH, null), tooFew);
    }
  }

  @Test
  void aTextThatCanGoOnEndsWithTheModelsEndToken() throws Exception {
    Grammar digits = grammars.compile(new GrammarSpec.Pattern("[0-9]{1,60}"));
    try (StartedEngine started = start(OptionalInt.empty())) {
      Output output = read(started.engine().submit(request(digits, 30, 3)));
      assertTrue(output.text().matches("[0-9]{1,60}"), output.toString());
      assertEquals(FinishReason.STOP, output.reason());
    }
  }

  @Test
  void aRuleThatLeavesTheGrammarNoTokenEndsTheRequestWithAnError() throws Exception {
    long[] allowed = new long[24];
    allowed[0] = 1L << 60;
    SamplingParameters sampling =
        SamplingParameters.greedy().withRules(TokenRules.NONE.withAllowed(allowed));
    try (StartedEngine started = start(OptionalInt.empty())) {
      Output output = read(started.engine().submit(request(schema(SCHEMA), 20, sampling)));
      assertEquals(FinishReason.ERROR, output.reason());
      assertTrue(output.message().contains("no token is allowed"), output.message());
    }
  }
}
