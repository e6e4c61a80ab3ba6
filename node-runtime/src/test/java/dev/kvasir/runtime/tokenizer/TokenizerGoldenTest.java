package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.file.Path;
import java.util.stream.IntStream;
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
}
