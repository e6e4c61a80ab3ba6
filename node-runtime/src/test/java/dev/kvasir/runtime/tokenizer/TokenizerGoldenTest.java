package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Holds ids and texts against Hugging Face's and Google's own libraries: src/test/python/
 * make-tokenizers.py wrote what is expected.
 */
class TokenizerGoldenTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");

  private static JsonNode expected(String kind) throws Exception {
    return new ObjectMapper().readTree(CHECKPOINTS.resolve("tokenized.json").toFile()).get(kind);
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytelevel",
        "sentencepiece",
        "metaspace",
        "unigram",
        "spaces",
        "spm-bpe",
        "spm-unigram"
      })
  void idsAndTextsAreTheReferences(String kind) throws Exception {
    Tokenizer tokenizer = Tokenizer.load(CHECKPOINTS.resolve(kind));
    for (JsonNode each : expected(kind)) {
      String text = each.get("text").asText();
      int[] special = ids(each.get("special"));
      assertArrayEquals(ids(each.get("ids")), tokenizer.encode(text, false), "'" + text + "'");
      assertArrayEquals(special, tokenizer.encode(text, true), "with specials: '" + text + "'");
      assertArrayEquals(special, tokenizer.encodeWithTokens(text, true).ids());
      assertEquals(each.get("decoded").asText(), tokenizer.decode(special, true), text);
    }
  }

  @Test
  void theConfigurationSaysWhetherThereIsABos(@TempDir Path checkpoint) throws Exception {
    Files.copy(
        CHECKPOINTS.resolve("metaspace/tokenizer.json"), checkpoint.resolve("tokenizer.json"));
    Path config = checkpoint.resolve("tokenizer_config.json");
    String tokens = "\"bos_token\": \"<s>\", \"eos_token\": {\"content\": \"</s>\"}";
    int[] plain = Tokenizer.load(checkpoint).encode("hello", false);
    Files.writeString(config, "{\"add_bos_token\": false, " + tokens + "}");
    assertArrayEquals(plain, Tokenizer.load(checkpoint).encode("hello", true));
    Files.writeString(config, "{\"add_bos_token\": true, \"add_eos_token\": true, " + tokens + "}");
    int[] both =
        IntStream.concat(IntStream.concat(IntStream.of(1), IntStream.of(plain)), IntStream.of(2))
            .toArray();
    assertArrayEquals(both, Tokenizer.load(checkpoint).encode("hello", true));
    assertArrayEquals(plain, Tokenizer.load(checkpoint).encode("hello", false));
    assertEquals("<s>", Tokenizer.load(checkpoint).encodeWithTokens("hello", true).tokens().get(0));
    Files.writeString(config, "{\"add_bos_token\": true}");
    assertArrayEquals(plain, Tokenizer.load(checkpoint).encode("hello", true));
  }
}
