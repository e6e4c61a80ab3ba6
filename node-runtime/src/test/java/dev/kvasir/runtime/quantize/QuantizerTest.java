package dev.kvasir.runtime.quantize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.kvasir.runtime.engine.EngineOptions;
import dev.kvasir.runtime.engine.EngineStarter;
import dev.kvasir.runtime.engine.GenerationEvent;
import dev.kvasir.runtime.engine.GenerationRequest;
import dev.kvasir.runtime.engine.GenerationStream;
import dev.kvasir.runtime.engine.StartedEngine;
import dev.kvasir.runtime.engine.StartupException;
import dev.kvasir.runtime.sampling.SamplingParameters;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The sample model, quantized and held against itself. */
class QuantizerTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path SAMPLE = Path.of("models/sample");
  private static final int TEXTS = 32;

  /** What the plain model says, computed once. */
  private static double[] plain;

  @TempDir Path folder;

  @BeforeAll
  static void askThePlainModel() throws Exception {
    plain = logprobs(SAMPLE);
  }

  /** The bounds are twice what was measured. */
  @ParameterizedTest
  @CsvSource({
    "AWQ,  COMPRESSED_TENSORS, 64,  0.50, 'compressed-tensors int4, groups of 64'",
    "AWQ,  AWQ,                0,   0.50, 'awq int4, groups of 128'",
    "INT8, COMPRESSED_TENSORS, 0,   0.06, 'compressed-tensors int8, a scale per channel'",
    "FP8,  COMPRESSED_TENSORS, 0,   0.14, 'compressed-tensors fp8, a scale per channel'",
  })
  void whatIsWrittenSaysAlmostTheSame(
      Scheme scheme, Format format, int groupSize, double bound, String words) throws Exception {
    Path target = folder.resolve("out");
    Quantizer.run(options(target, scheme, format, groupSize, 1_000_000), line -> {});

    assertEquals(words, EngineStarter.inspect(EngineOptions.defaults(target)).model().weightType());
    double difference = difference(plain, logprobs(target));
    assertTrue(difference < bound, scheme + " differs by " + difference + " nat");
    assertTrue(Files.exists(target.resolve("tokenizer.json")));
    assertTrue(Files.exists(target.resolve("generation_config.json")));
    try (Stream<Path> files = Files.list(target)) {
      List<Path> shards = files.filter(f -> f.toString().endsWith(".safetensors")).toList();
      assertTrue(shards.size() > 1, shards + " are too few shards of a megabyte");
    }
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(target), files.toList(), "nothing is left beside the target");
    }
  }

  /** Calibrated with the beginnings of other conversations than those that it is held against. */
  @ParameterizedTest
  @CsvSource({"COMPRESSED_TENSORS", "AWQ"})
  void calibrationMakesItBetterThanRoundingAlone(Format format) throws Exception {
    Path rounded = folder.resolve("rounded");
    Path calibrated = folder.resolve("calibrated");
    Path text = Files.writeString(folder.resolve("text"), String.join("\n", texts(1)));
    Quantizer.run(options(rounded, Scheme.AWQ, format, 128, 1L << 30), line -> {}, false);
    QuantizeOptions options =
        new QuantizeOptions(
            SAMPLE,
            calibrated,
            Scheme.AWQ,
            format,
            Optional.of(text),
            OptionalInt.of(128),
            1L << 30);
    Quantizer.run(options, line -> {}, true);

    double alone = difference(plain, logprobs(rounded));
    double better = difference(plain, logprobs(calibrated));
    assertTrue(better < 0.95 * alone, "calibrated " + better + ", rounded " + alone);
  }

  @Test
  void whatIsThereIsNotWrittenOver() throws Exception {
    Path file = Files.writeString(folder.resolve("mine"), "mine");
    assertRefused(
        options(folder, Scheme.INT8, Format.COMPRESSED_TENSORS, 0, 1L << 30), "something is there");
    assertRefused(
        options(file, Scheme.INT8, Format.COMPRESSED_TENSORS, 0, 1L << 30), "something is there");
    assertEquals("mine", Files.readString(file));
  }

  @Test
  void groupsThatDoNotFitAreNamedAndLeaveNothing() throws Exception {
    assertRefused(
        options(folder.resolve("out"), Scheme.AWQ, Format.AWQ, 96, 1L << 30),
        "layer 'model.layers.0.mlp.down_proj' cannot be stored: its 640 inputs are no multiple of --group-size 96");
    try (Stream<Path> files = Files.list(folder)) {
      assertFalse(files.findAny().isPresent());
    }
  }

  @Test
  void aQuantizedModelIsNotQuantizedAgain() throws Exception {
    Path once = folder.resolve("once");
    Quantizer.run(options(once, Scheme.INT8, Format.COMPRESSED_TENSORS, 0, 1L << 30), l -> {});
    QuantizeOptions again =
        new QuantizeOptions(
            once,
            folder.resolve("twice"),
            Scheme.FP8,
            Format.COMPRESSED_TENSORS,
            Optional.empty(),
            OptionalInt.empty(),
            1L << 30);
    assertRefused(again, "is quantized already: compressed-tensors int8");
  }

  @Test
  void tooShortATextIsRefused() throws Exception {
    Path text = Files.writeString(folder.resolve("text"), "Hello.");
    QuantizeOptions options =
        new QuantizeOptions(
            SAMPLE,
            folder.resolve("out"),
            Scheme.AWQ,
            Format.AWQ,
            Optional.of(text),
            OptionalInt.empty(),
            1L << 30);
    assertRefused(options, "tokens are too few");
  }

  private static QuantizeOptions options(
      Path target, Scheme scheme, Format format, int groupSize, long shardBytes) {
    OptionalInt size = groupSize == 0 ? OptionalInt.empty() : OptionalInt.of(groupSize);
    return new QuantizeOptions(SAMPLE, target, scheme, format, Optional.empty(), size, shardBytes);
  }

  private static void assertRefused(QuantizeOptions options, String message) {
    StartupException refusal =
        assertThrows(StartupException.class, () -> Quantizer.run(options, line -> {}));
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }

  private static double difference(double[] a, double[] b) {
    assertEquals(a.length, b.length);
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += Math.abs(a[i] - b[i]);
    }
    return sum / a.length;
  }

  /** Of the tokens of held-out conversations. */
  private static double[] logprobs(Path model) throws Exception {
    List<Double> all = new ArrayList<>();
    Tokenizer tokenizer = Tokenizer.load(SAMPLE);
    try (StartedEngine started = EngineStarter.start(EngineOptions.defaults(model))) {
      for (String text : texts(0)) {
        SamplingParameters sampling = SamplingParameters.greedy().withPromptLogprobs(0);
        GenerationRequest request =
            new GenerationRequest("r", tokenizer.encode(text, true), sampling, 0, Set.of());
        collect(started.engine().submit(request), all);
      }
    }
    return all.stream().mapToDouble(Double::doubleValue).toArray();
  }

  private static List<String> texts(int offset) throws IOException {
    List<String> lines = Files.readAllLines(SAMPLE.resolve("heldout.jsonl"));
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < TEXTS; i++) {
      JsonNode line = JSON.readTree(lines.get(i * lines.size() / TEXTS + offset));
      StringBuilder text = new StringBuilder();
      line.get("messages")
          .forEach(m ->
              text.append("<|")
                  .append(m.get("role").asText())
                  .append("|>")
                  .append(m.get("content").asText()));
      texts.add(text.append("<|assistant|>").append(line.get("expected").asText()).toString());
    }
    return texts;
  }

  private static void collect(GenerationStream stream, List<Double> into)
      throws InterruptedException {
    while (true) {
      switch (stream.next(Duration.ofMinutes(1))) {
        case GenerationEvent.Prompt prompt ->
            prompt.tokens().forEach(token -> into.add((double) token.logprob()));
        case GenerationEvent.Finished end -> {
          assertEquals(null, end.message());
          return;
        }
        case null -> throw new AssertionError("nothing came in a minute");
        default -> {}
      }
    }
  }
}
