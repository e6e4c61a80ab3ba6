package dev.kvasir.runtime.engine;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.engine.EngineOptions.DeviceChoice;
import dev.kvasir.runtime.engine.EngineOptions.KvCacheType;
import dev.kvasir.runtime.engine.EngineOptions.LoadFormat;
import dev.kvasir.runtime.engine.EngineOptions.QuantizationChoice;
import dev.kvasir.runtime.engine.EngineOptions.WeightType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Broken checkpoints: a refusal that names the file, flag or tensor, or an engine that starts.
 * Soon, either way.
 */
class CheckpointFuzzTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  /** More of them by hand: -Dfuzz.cases=1000. */
  private static final int CASES = Integer.getInteger("fuzz.cases", 20);

  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String[] VALUES = {
    "null",
    "-1",
    "0",
    "1",
    "2",
    "3",
    "1.5",
    "-0.5",
    "1e-300",
    "1e300",
    "1e999",
    "2147483647",
    "2147483648",
    "9223372036854775807",
    "99999999999999999999999",
    "\"\"",
    "\"x\"",
    "\"default\"",
    "true",
    "false",
    "[]",
    "{}",
    "[[[[1]]]]",
    "[null]",
    "[1, 2]",
    "{\"a\": 1}",
    "[\"x\", \"y\"]",
    "{\"rope_type\": \"yarn\"}",
    "{\"rope_type\": \"llama3\", \"factor\": -1}"
  };

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "llama-tied",
        "llama-longrope",
        "gemma2",
        "gemma3",
        "mistral",
        "phi3",
        "qwen2",
        "qwen3",
        "quantized/awq",
        "quantized/gptq-act-order",
        "quantized/ct-int4",
        "quantized/fp8-block"
      })
  void wrongConfigurations(String name) throws Exception {
    Path model = CHECKPOINTS.resolve(name);
    for (String file : List.of("config.json", "generation_config.json")) {
      if (!Files.exists(model.resolve(file))) {
        continue;
      }
      JsonNode original = MAPPER.readTree(model.resolve(file).toFile());
      for (long seed = 0; seed < (file.equals("config.json") ? CASES : CASES / 5); seed++) {
        copy(model);
        SplittableRandom random = new SplittableRandom(seed);
        JsonNode mutated = original.deepCopy();
        for (int i = random.nextInt(1, 3); i > 0; i--) {
          mutate(mutated, random);
        }
        Files.writeString(directory.resolve(file), mutated.toString());
        check(name + " " + file + ", seed " + seed + ": " + mutated);
      }
    }
  }

  @Test
  void wrongHeaders() throws Exception {
    Path model = CHECKPOINTS.resolve("llama-tied");
    byte[] file = Files.readAllBytes(model.resolve("model.safetensors"));
    int length = (int) ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    String header = new String(file, 8, length, StandardCharsets.UTF_8);
    JsonNode original = MAPPER.readTree(header);
    for (long seed = 0; seed < 5L * CASES; seed++) {
      copy(model);
      SplittableRandom random = new SplittableRandom(seed);
      byte[] broken =
          switch (random.nextInt(4)) {
            case 0 -> Arrays.copyOf(file, random.nextInt(file.length));
            case 1 -> withLength(file, random);
            case 2 -> withHeader(file, length, characters(header, random));
            default -> {
              JsonNode mutated = original.deepCopy();
              mutate(mutated, random);
              yield withHeader(file, length, mutated.toString());
            }
          };
      Files.write(directory.resolve("model.safetensors"), broken);
      check("header, seed " + seed);
    }
  }

  @Test
  void wrongIndexes() throws Exception {
    Path model = CHECKPOINTS.resolve("llama-biased");
    String name = "model.safetensors.index.json";
    JsonNode original = MAPPER.readTree(model.resolve(name).toFile());
    for (long seed = 0; seed < CASES; seed++) {
      copy(model);
      SplittableRandom random = new SplittableRandom(seed);
      JsonNode mutated = original.deepCopy();
      mutate(mutated, random);
      String text = mutated.toString();
      Files.writeString(
          directory.resolve(name), random.nextInt(3) == 0 ? characters(text, random) : text);
      check("index, seed " + seed);
    }
  }

  @Test
  void deepAndLargeFiles() throws Exception {
    copy(CHECKPOINTS.resolve("llama-tied"));
    for (String text :
        List.of(
            "[".repeat(100_000),
            "{\"a\":".repeat(100_000),
            "{\"a\": \"" + "x".repeat(17 << 20) + "\"}",
            "{\"vocab_size\": " + "9".repeat(100_000) + "}",
            "",
            "\0\0\0")) {
      Files.writeString(directory.resolve("config.json"), text);
      check("config.json of " + text.length() + " characters");
    }
  }

  private void check(String what) {
    long start = System.nanoTime();
    try (StartedEngine started = EngineStarter.start(options())) {
      assertTrue(started.model().parameters() > 0, what);
    } catch (StartupException e) {
      String message = e.getMessage();
      boolean named =
          message.contains(directory.toString())
              || message.contains("--")
              || message.matches("(?s)(tensor|layer) '.*");
      assertTrue(named, () -> what + ": " + message);
      assertTrue(message.length() < 2000, () -> what + ": " + message);
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    }
    Duration taken = Duration.ofNanos(System.nanoTime() - start);
    assertTrue(taken.compareTo(PATIENCE) < 0, () -> what + " took " + taken);
  }

  private EngineOptions options() {
    return new EngineOptions(
        directory,
        DeviceChoice.CPU,
        OptionalInt.empty(),
        4,
        OptionalInt.of(16),
        16,
        8,
        OptionalLong.empty(),
        OptionalInt.of(16),
        KvCacheType.AUTO,
        WeightType.AUTO,
        QuantizationChoice.AUTO,
        LoadFormat.AUTO,
        true,
        0,
        EngineOptions.DEFAULT_GPU_MEMORY_UTILIZATION);
  }

  private void copy(Path model) throws IOException {
    try (Stream<Path> files = Files.list(model)) {
      for (Path file : files.toList()) {
        Path copy = directory.resolve(file.getFileName().toString());
        Files.deleteIfExists(copy);
        Files.copy(file, copy);
      }
    }
  }

  private static byte[] withLength(byte[] file, SplittableRandom random) {
    byte[] broken = file.clone();
    long[] lengths = {
      0, 1, 2, file.length, file.length - 8L, -1, Long.MAX_VALUE, 1L << 32, random.nextInt(5000)
    };
    ByteBuffer.wrap(broken)
        .order(ByteOrder.LITTLE_ENDIAN)
        .putLong(0, lengths[random.nextInt(lengths.length)]);
    return broken;
  }

  private static byte[] withHeader(byte[] file, int length, String header) {
    byte[] text = header.getBytes(StandardCharsets.UTF_8);
    ByteBuffer broken = ByteBuffer.allocate(file.length - length + text.length);
    broken.order(ByteOrder.LITTLE_ENDIAN).putLong(text.length).put(text);
    return broken.put(file, 8 + length, file.length - 8 - length).array();
  }

  private static String characters(String text, SplittableRandom random) {
    StringBuilder broken = new StringBuilder(text);
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      int at = random.nextInt(broken.length());
      if (random.nextBoolean()) {
        broken.deleteCharAt(at);
      } else {
        broken.setCharAt(at, (char) random.nextInt(' ', 127));
      }
    }
    return broken.toString();
  }

  private static void mutate(JsonNode root, SplittableRandom random) throws IOException {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers);
    JsonNode chosen =
        random.nextBoolean() ? root : containers.get(random.nextInt(containers.size()));
    JsonNode value = MAPPER.readTree(VALUES[random.nextInt(VALUES.length)]);
    if (chosen instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.nextInt(array.size()), value);
    } else if (chosen instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      if (random.nextInt(5) == 0) {
        object.remove(name);
      } else {
        object.set(name, value);
      }
    }
  }

  private static void collect(JsonNode node, List<JsonNode> containers) {
    if (node.isContainerNode()) {
      containers.add(node);
      node.forEach(child -> collect(child, containers));
    }
  }
}
