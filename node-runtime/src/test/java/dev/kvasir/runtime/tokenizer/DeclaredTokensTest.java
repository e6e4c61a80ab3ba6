package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Holds what the files beside a tokenizer do against transformers:
 * src/test/python/declare-tokens.py wrote what is expected.
 */
class DeclaredTokensTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final ObjectMapper MAPPER = new ObjectMapper();

  @TempDir Path checkpoint;

  static Stream<JsonNode> cases() throws IOException {
    JsonNode cases = MAPPER.readTree(CHECKPOINTS.resolve("declared.json").toFile());
    return IntStream.range(0, cases.size()).mapToObj(cases::get);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void idsAndTextsAreTransformers(JsonNode expected) throws Exception {
    copy(expected.get("tokenizer").asText());
    for (Map.Entry<String, JsonNode> file : expected.get("files").properties()) {
      Files.writeString(checkpoint.resolve(file.getKey()), file.getValue().toString());
    }
    Tokenizer tokenizer = Tokenizer.load(checkpoint);
    for (JsonNode result : expected.get("results")) {
      String text = result.get(0).asText();
      int[] special = ids(result.get(2));
      assertArrayEquals(ids(result.get(1)), tokenizer.encode(text, false), "'" + text + "'");
      assertArrayEquals(special, tokenizer.encode(text, true), "with specials: '" + text + "'");
      assertEquals(result.get(3).asText(), tokenizer.decode(special, true), text);
    }
  }

  private void copy(String kind) throws IOException {
    for (String name : new String[] {"tokenizer.json", "tokenizer.model"}) {
      Path file = CHECKPOINTS.resolve(kind).resolve(name);
      if (Files.exists(file)) {
        Files.copy(file, checkpoint.resolve(name));
      }
    }
  }

  private static int[] ids(JsonNode list) {
    return IntStream.range(0, list.size()).map(i -> list.get(i).intValue()).toArray();
  }

  @Test
  void addedTokensHaveTheIdsThatTheGrammarsSee() throws Exception {
    copy("spm-bpe");
    Files.writeString(checkpoint.resolve("added_tokens.json"), "{\"one\": 900, \"two\": 901}");
    Tokenizer tokenizer = Tokenizer.load(checkpoint);
    int[] ids = tokenizer.encode("onetwo", false);
    byte[][] bytes = TokenBytes.read(checkpoint);
    assertEquals("two", new String(bytes[ids[ids.length - 1]], StandardCharsets.UTF_8));
    assertTrue(ids[ids.length - 1] < 900, "gaps in ids are closed, as in transformers");
  }

  /** Both would take the line break in "a\n\n", at which the native library ends the process. */
  @Test
  void tokensThatLayClaimToOneSpaceAreRefused() throws Exception {
    copy("metaspace");
    Path config = checkpoint.resolve("tokenizer_config.json");
    String tokens =
        "{\"added_tokens_decoder\": {\"1\": {\"content\": \"<s>\", \"rstrip\": true, \"normalized\": %s},"
            + " \"400\": {\"content\": \"\\n\\n\", \"normalized\": true}}}";
    Files.writeString(config, tokens.formatted("false"));
    // Another token of the file has rstrip and is normalized.
    IOException refused = assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
    assertTrue(refused.getMessage().contains("must not start with white space"));
    Files.delete(checkpoint.resolve("tokenizer.json"));
    copy("spm-bpe");
    assertEquals(1, Tokenizer.load(checkpoint).encode("<s>\n\nx", false)[0]);
    Files.writeString(config, tokens.formatted("true"));
    assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "added_tokens.json | {\"x\": \"y\"} | x must be a token's id, got \"y\"",
        "added_tokens.json | {\"x\": -1} | x must be a token's id, got -1",
        "added_tokens.json | [] | must hold a JSON object",
        "added_tokens.json | {\"x\" | is not valid JSON",
        "special_tokens_map.json | {\"eos_token\": 3} | eos_token must be a token, got 3",
        "special_tokens_map.json | {\"eos_token\": {}} | eos_token must be a string, or an object",
        "special_tokens_map.json | {\"extra_special_tokens\": \"x\"} | extra_special_tokens must be a list",
        "tokenizer_config.json | {\"added_tokens_decoder\": []} | added_tokens_decoder must be an object",
        "tokenizer_config.json | {\"added_tokens_decoder\": {\"x\": {}}} | added_tokens_decoder.x must be an id",
        "tokenizer_config.json | {\"added_tokens_decoder\": {\"5\": {\"content\": 5}}} | added_tokens_decoder.5 must",
        "tokenizer_config.json | {\"added_tokens_decoder\": {\"5\": {\"content\": \"a\", \"lstrip\": 1}}} | added_tokens_decoder.5 must",
        "tokenizer_config.json | {\"additional_special_tokens\": [\"a\", 1]} | additional_special_tokens[1] must",
        "tokenizer_config.json | {\"tokenizer_class\": []} | tokenizer_class must be a string",
        "tokenizer_config.json | {\"tokenizer_class\": \"LlamaTokenizer\", \"add_bos_token\": \"x\"} | add_bos_token must be true or false",
      })
  void aBrokenFileIsNamedWithItsField(String file, String content, String message)
      throws Exception {
    copy("spm-bpe");
    Files.writeString(checkpoint.resolve(file), content);
    IOException refused = assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
    assertTrue(
        refused.getMessage().startsWith(checkpoint.resolve(file) + ""), refused.getMessage());
    assertTrue(refused.getMessage().contains(message), refused.getMessage());
  }
}
