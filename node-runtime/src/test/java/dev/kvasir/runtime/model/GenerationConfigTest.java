package dev.kvasir.runtime.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.kvasir.runtime.engine.ModelSummary.GenerationDefaults;
import dev.kvasir.runtime.engine.StartupException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GenerationConfigTest {
  @TempDir Path directory;

  private GenerationConfig read(String json) throws IOException {
    Files.writeString(directory.resolve("generation_config.json"), json);
    return GenerationConfig.read(directory);
  }

  @Test
  void givesWhatItRecommends() throws IOException {
    GenerationConfig config =
        read(
            """
            {"eos_token_id": [7, 8], "do_sample": true, "temperature": 0.7, "top_p": 0.8,
             "top_k": 20, "min_p": 0.05, "repetition_penalty": 1.05}
            """);
    assertEquals(Set.of(7, 8), config.eosTokenIds());
    assertEquals(
        new GenerationDefaults(
            OptionalDouble.of(0.7),
            OptionalDouble.of(0.8),
            OptionalInt.of(20),
            OptionalDouble.of(0.05),
            OptionalDouble.of(1.05)),
        config.defaults());
  }

  @Test
  void recommendsNothingWhereItIsAbsentOrForGreedyDecoding() throws IOException {
    assertEquals(GenerationDefaults.NONE, GenerationConfig.read(directory).defaults());
    assertEquals(GenerationDefaults.NONE, read("{\"do_sample\": false, \"top_k\": 50}").defaults());
    assertEquals(OptionalInt.of(0), read("{\"top_k\": -1}").defaults().topK());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "temperature | 2.5 | a number between 0 and 2, got 2.5",
        "top_p | 0 | a number above 0 and at most 1, got 0",
        "top_k | 1.5 | a whole number of at least -1, got 1.5",
        "min_p | -0.1 | a number between 0 and 1, got -0.1",
        "repetition_penalty | 0 | a number above 0 and at most 1000, got 0",
        "repetition_penalty | true | a number, got true",
      })
  void aValueThatNoRequestMayHaveIsRefused(String field, String value, String message) {
    StartupException refusal =
        assertThrows(StartupException.class, () -> read("{\"" + field + "\": " + value + "}"));
    assertTrue(
        refusal.getMessage().contains("generation_config.json: " + field), refusal.getMessage());
    assertTrue(refusal.getMessage().contains(message), refusal.getMessage());
  }
}
