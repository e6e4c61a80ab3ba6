package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizerTest {
  private static final Path BYTE_LEVEL = Path.of("src/test/resources/checkpoints/bytelevel");

  @Test
  void specialTokensAreAddedWhereAskedAndParsedWhereSpelled() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL);
    int[] plain = tokenizer.encode("hello", false);
    int[] withBos = tokenizer.encode("hello", true);
    assertEquals(0, withBos[0]);
    assertEquals(plain.length + 1, withBos.length);
    assertArrayEquals(withBos, tokenizer.encode("<s>hello", false));
  }

  @Test
  void longTextIsNotTruncated() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL);
    String text = "hello world ".repeat(5000);
    int[] ids = tokenizer.encode(text, false);
    assertTrue(ids.length >= 10_000, "got " + ids.length);
    assertEquals(text, tokenizer.decode(ids, true));
  }

  @Test
  void anyTextComesBackAsItWas() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL);
    String text = "nul \0, emoji 🙂, tab\t, é, \u200b, 日本";
    assertEquals(text, tokenizer.decode(tokenizer.encode(text, false), true));
  }

  @Test
  void aBrokenFileIsNamed(@TempDir Path checkpoint) throws Exception {
    IOException missing = assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
    assertTrue(missing.getMessage().contains("tokenizer.json is missing"), missing.getMessage());
    Files.writeString(checkpoint.resolve("tokenizer.json"), "{\"model\": 3}");
    IOException broken = assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
    assertTrue(
        broken.getMessage().contains("tokenizer.json: model must be an object"),
        broken.getMessage());
  }

  @Test
  void aRegularExpressionThatBacktracksEndlesslyIsRefused(@TempDir Path checkpoint)
      throws Exception {
    String json = Files.readString(BYTE_LEVEL.resolve("tokenizer.json"));
    String hostile =
        "\"pre_tokenizer\": {\"type\": \"Split\", \"pattern\": {\"Regex\": \"(a+)+b\"},"
            + " \"behavior\": \"Isolated\", \"invert\": false}, \"was\":";
    Files.writeString(
        checkpoint.resolve("tokenizer.json"), json.replace("\"pre_tokenizer\":", hostile));
    IOException refused = assertThrows(IOException.class, () -> Tokenizer.load(checkpoint));
    assertTrue(refused.getMessage().contains("pre_tokenizer.pattern"), refused.getMessage());
    assertTrue(refused.getMessage().contains("can backtrack"), refused.getMessage());
  }

  @Test
  void aTextHasNoMoreCharactersThanItsTokensCanSpell() throws Exception {
    for (String model : List.of("bytelevel", "sentencepiece", "spm-bpe", "unigram")) {
      Tokenizer tokenizer = Tokenizer.load(BYTE_LEVEL.resolveSibling(model));
      for (String text : List.of("hello hello hello", "     ", "日本\ud83d\ude42", "<s><s>")) {
        long most = tokenizer.mostCharacters(tokenizer.encode(text, false).length);
        assertTrue(text.length() <= most, model + " " + text + " " + most);
      }
    }
    assertTrue(Tokenizer.load(BYTE_LEVEL).mostCharacters(1) < 100);
  }
}
