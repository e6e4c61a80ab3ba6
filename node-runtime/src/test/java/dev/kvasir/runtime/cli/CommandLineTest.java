package dev.kvasir.runtime.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import picocli.CommandLine;
import picocli.CommandLine.TypeConversionException;

class CommandLineTest {
  @TempDir private Path folder;

  private record Result(int code, String err) {}

  private static Result run(String... args) {
    StringWriter err = new StringWriter();
    int code = NodeRuntimeCommand.run(new PrintWriter(err, true), args);
    return new Result(code, err.toString());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "serve --nonsense                      | Unknown option: '--nonsense'",
        "serve --quantization awk              | Invalid value for option '--quantization':"
            + " expected one of",
        "inspect --kv-cache-dtype fp8_e5m2     | 'fp8_e5m2' is not supported: use auto, bf16 or"
            + " fp8",
        "inspect --device cuda                 | --device cuda",
        "serve --device tpu                    | '--device'",
        "inspect --enable-prefix-caching=maybe | --enable-prefix-caching",
        "serve --device cpu --gpu-memory-utilization 0.9 | --gpu-memory-utilization has a meaning"
            + " on a GPU only",
        "serve --max-num-seqs 0                | --max-num-seqs must be at least 1, got 0",
        "serve --max-model-len x               | '--max-model-len'",
        "serve --drain-delay 5                 | '5' is no time",
        "serve --measure-capacity=maybe        | Invalid value for option '--measure-capacity'",
        "serve --port http                     | '--port'",
        "generate                              | --prompt",
        "generate --prompt a --prompt-token-ids 1 | mutually exclusive",
        "generate --prompt a --temperature 3   | temperature must be between 0 and 2",
        "generate --prompt a --logprobs 2      | --logprobs needs --json",
        "generate --prompt a --max-tokens 0    | --max-tokens must be at least 1",
        "fetch                                 | Unmatched argument",
      })
  void aFlagThatIsWrongIsRefusedInOneLine(String line, String message) {
    String[] words =
        (line.strip() + (line.startsWith("fetch") ? "" : " --model " + folder)).split(" ");
    Result result = run(words);
    assertTrue(result.code() == 2 || result.code() == 1, "exit code " + result.code());
    assertTrue(result.err().contains(message), result.err());
    assertEquals(1, result.err().strip().lines().count(), result.err());
  }

  @ParameterizedTest
  @CsvSource({
    "hf://org/name, models from hf:// are not supported yet",
    "s3://bucket/key, models from s3:// are not supported yet",
    "oci://x/y, models from oci:// are not supported yet",
    "file://relative/dir, three slashes",
    "bundled://none, no such model",
    "bundled://../../etc, no such model",
    "/does/not/exist, is no directory"
  })
  void aModelThatCannotBeHadIsRefusedByName(String model, String message) {
    Result result = run("serve", "--model", model);
    assertEquals(2, result.code());
    assertTrue(result.err().contains(message), result.err());
  }

  @Test
  void modelsAreFoundAndNamed() throws Exception {
    Path directory = Files.createDirectories(folder.resolve("my-model"));
    assertEquals("my-model", ModelLocation.parse(directory.toString()).name());
    ModelLocation fromUri = ModelLocation.parse("file://" + directory);
    assertEquals(directory, fromUri.directory());
  }

  @Test
  void aDirectoryWithoutAModelFailsWithTheFilesName() {
    Result result = run("inspect", "--model", folder.toString());
    assertEquals(1, result.code());
    assertTrue(result.err().contains("config.json"), result.err());
  }

  @CommandLine.Command
  private static final class TestingCommand implements Runnable {
    @CommandLine.Mixin private ModelFlags model;

    @Override
    public void run() {
      // Only its flags are looked at.
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', true",
    "--enable-prefix-caching, true",
    "--enable-prefix-caching=true, true",
    "--enable-prefix-caching false, false",
    "--no-enable-prefix-caching, false"
  })
  void prefixesAreCachedUnlessToldOtherwise(String flag, boolean cached) {
    TestingCommand command = new TestingCommand();
    String line = "--model " + folder + " " + flag;
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs(line.strip().split(" "));
    assertEquals(cached, command.model.options().prefixCaching());
  }

  @ParameterizedTest
  @CsvSource({
    "auto, AUTO",
    "bf16, BF16",
    "bfloat16, BF16",
    "fp8, FP8",
    "FP8, FP8",
    "fp8_e4m3, FP8"
  })
  void typesOfKeysAndValuesAreSpelledLikeVllmToo(String spelling, String type) {
    TestingCommand command = new TestingCommand();
    new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .parseArgs("--model", folder.toString(), "--kv-cache-dtype", spelling);
    assertEquals(type, command.model.options().kvCacheType().name());
  }

  @Test
  void timesHaveUnits() {
    DurationConverter converter = new DurationConverter();
    assertEquals(Duration.ofMillis(500), converter.convert("500ms"));
    assertEquals(Duration.ofSeconds(5), converter.convert("5s"));
    assertEquals(Duration.ofMinutes(10), converter.convert("10m"));
    assertEquals(Duration.ofHours(1), converter.convert("1h"));
    assertThrows(TypeConversionException.class, () -> converter.convert("-1s"));
  }
}
