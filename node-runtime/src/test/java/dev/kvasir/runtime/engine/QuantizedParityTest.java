package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertNull;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Quantized checkpoints in every layout of make-quantized.py, against what transformers says of the
 * same weights in float32.
 */
class QuantizedParityTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints/quantized");

  /** Some products take activations in 8 bits, which transformers does not. */
  private static final double NEAR_TIE = 0.3;

  static Stream<String> layouts() throws Exception {
    try (Stream<Path> folders = Files.list(CHECKPOINTS)) {
      return folders.map(folder -> folder.getFileName().toString()).sorted().toList().stream();
    }
  }

  @ParameterizedTest
  @MethodSource("layouts")
  void saysWhatTransformersSaysOfTheSameWeights(String layout) throws Exception {
    Path checkpoint = CHECKPOINTS.resolve(layout);
    Reference reference = Reference.read(checkpoint.resolve("reference.json"));
    try (StartedEngine started = EngineStarter.start(EngineOptions.defaults(checkpoint))) {
      for (Reference.Case wanted : reference.cases()) {
        List<GenerationEvent.Token> found =
            Reference.collect(started.engine().submit(wanted.request("r")));
        Reference.Verdict verdict = Reference.judge(wanted, found, NEAR_TIE);
        assertNull(verdict.objection(), verdict.toString());
      }
    }
  }
}
