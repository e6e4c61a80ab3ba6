package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Broken tokenizer files: an error that names the file, or a tokenizer that works. The native
 * library would end the process on many of them, this one's too.
 */
class TokenizerFuzzTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String[] VALUES = {
    "null",
    "-1",
    "0",
    "1e300",
    "4294967296",
    "99999999999999999999",
    "\"\"",
    "\"▁▁\"",
    "\"\\u0000\"",
    "true",
    "[]",
    "{}",
    "[[]]",
    "[null]",
    "{\"type\": \"ByteLevel\"}",
    "{\"type\": \"Fuse\"}",
    "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"AAAA\"}",
    "{\"type\": 3}",
    "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"(\"}, \"behavior\": \"Isolated\", \"invert\": false}",
    "{\"String\": \"\"}",
    "{\"Regex\": \"x**\"}",
    "\"Sequence\"",
    "\"WordPiece\"",
    "\"first\""
  };

  @ParameterizedTest
  @ValueSource(strings = {"bytelevel", "sentencepiece", "metaspace", "unigram", "spaces"})
  void aFileWithWrongValuesIsRefusedOrWorks(String kind, @TempDir Path checkpoint)
      throws Exception {
    JsonNode original =
        MAPPER.readTree(CHECKPOINTS.resolve(kind).resolve("tokenizer.json").toFile());
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      JsonNode mutated = original.deepCopy();
      for (int i = random.nextInt(1, 3); i > 0; i--) {
        mutate(mutated, random);
      }
      tryOut(checkpoint, mutated.toString(), kind + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytelevel", "unigram"})
  void aFileWithWrongCharactersIsRefusedOrWorks(String kind, @TempDir Path checkpoint)
      throws Exception {
    String original = Files.readString(CHECKPOINTS.resolve(kind).resolve("tokenizer.json"));
    for (long seed = 0; seed < 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringBuilder text = new StringBuilder(original);
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        int at = random.nextInt(text.length());
        switch (random.nextInt(3)) {
          case 0 -> text.deleteCharAt(at);
          case 1 -> text.setCharAt(at, (char) random.nextInt(' ', 0x2600));
          default -> text.setLength(at + 1);
        }
      }
      tryOut(checkpoint, text.toString(), kind + ", seed " + seed);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"spm-bpe", "spm-unigram"})
  void aSentencePieceModelWithWrongBytesIsRefusedOrWorks(String kind, @TempDir Path checkpoint)
      throws Exception {
    byte[] original = Files.readAllBytes(CHECKPOINTS.resolve(kind).resolve("tokenizer.model"));
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] bytes = original.clone();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        int end = random.nextBoolean() ? bytes.length : 60;
        bytes[bytes.length - 1 - random.nextInt(end)] = (byte) random.nextInt();
      }
      Files.write(checkpoint.resolve("tokenizer.model"), bytes);
      use(checkpoint, kind + ", seed " + seed);
    }
  }

  /** The files beside a tokenizer, as declared.json has them, with wrong values. */
  @Test
  void filesBesideATokenizerWithWrongValuesAreRefusedOrWork(@TempDir Path checkpoint)
      throws Exception {
    JsonNode cases = MAPPER.readTree(CHECKPOINTS.resolve("declared.json").toFile());
    for (long seed = 0; seed < 400; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      JsonNode chosen = cases.get(random.nextInt(cases.size()));
      Path folder = Files.createDirectory(checkpoint.resolve("seed" + seed));
      String kind = chosen.get("tokenizer").asText();
      String name = kind.startsWith("spm") ? "tokenizer.model" : "tokenizer.json";
      Files.copy(CHECKPOINTS.resolve(kind).resolve(name), folder.resolve(name));
      JsonNode files = chosen.get("files").deepCopy();
      for (int i = random.nextInt(1, 4); i > 0; i--) {
        mutate(files, random);
      }
      for (Map.Entry<String, JsonNode> file : files.properties()) {
        Files.writeString(folder.resolve(file.getKey()), file.getValue().toString());
      }
      use(folder, "seed " + seed);
    }
  }

  private static void tryOut(Path checkpoint, String json, String what) throws IOException {
    Files.writeString(checkpoint.resolve("tokenizer.json"), json);
    use(checkpoint, what);
  }

  private static void use(Path checkpoint, String what) {
    try {
      Tokenizer tokenizer = Tokenizer.load(checkpoint);
      int[] ids = tokenizer.encode("hello wörld 🙂\n <s>x", true);
      tokenizer.decode(ids, true);
      tokenizer.decode(new int[] {0, 5, 1_000_000}, false);
    } catch (IOException e) {
      assertTrue(
          e.getMessage().contains(checkpoint.toString()), () -> what + ": " + e.getMessage());
    } catch (RuntimeException e) {
      throw new AssertionError(what, e);
    }
  }

  /** Puts a wrong value in place of one that is chosen with its container's kind in mind. */
  private static void mutate(JsonNode root, SplittableRandom random) throws IOException {
    List<JsonNode> containers = new ArrayList<>();
    collect(root, containers, 0);
    JsonNode chosen = containers.get(random.nextInt(containers.size()));
    JsonNode value = MAPPER.readTree(VALUES[random.nextInt(VALUES.length)]);
    if (chosen instanceof ArrayNode array && !array.isEmpty()) {
      array.set(random.nextInt(array.size()), value);
    } else if (chosen instanceof ObjectNode object && !object.isEmpty()) {
      List<String> names = new ArrayList<>();
      object.fieldNames().forEachRemaining(names::add);
      String name = names.get(random.nextInt(names.size()));
      if (random.nextInt(4) == 0) {
        object.remove(name);
      } else {
        object.set(name, value);
      }
    }
  }

  /** The vocabulary's many entries count as a few, or nothing else would be hit. */
  private static void collect(JsonNode node, List<JsonNode> containers, int depth) {
    if (node.isContainerNode()) {
      containers.add(node);
      int seen = 0;
      for (JsonNode child : node) {
        if (seen++ < 12) {
          collect(child, containers, depth + 1);
        }
      }
    }
  }
}
