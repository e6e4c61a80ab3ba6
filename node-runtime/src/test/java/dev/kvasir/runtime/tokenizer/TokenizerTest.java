package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
}
