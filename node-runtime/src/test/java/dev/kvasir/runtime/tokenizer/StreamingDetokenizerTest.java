package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StreamingDetokenizerTest {
  private static final Path CHECKPOINTS = Path.of("src/test/resources/checkpoints");
  private static final String[] TEXTS = {
    "hello world",
    "Zażółć gęślą jaźń",
    "你好，世界",
    "🙂 emoji 👩‍👩‍👧 family",
    "  two  spaces ",
    "\n\ttabs\n",
    "a"
  };

  @ParameterizedTest
  @ValueSource(strings = {"bytelevel", "sentencepiece", "metaspace", "unigram", "spaces"})
  void textArrivesWholeAndNeverHalfACharacter(String kind) throws Exception {
    Tokenizer tokenizer = Tokenizer.load(CHECKPOINTS.resolve(kind));
    for (String text : TEXTS) {
      int[] prompt = tokenizer.encode("hello", true);
      int[] output = tokenizer.encode(text, false);
      StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer, prompt, true);
      StringBuilder streamed = new StringBuilder();
      for (int token : output) {
        String part = detokenizer.append(token);
        assertFalse(part.contains("\uFFFD"), () -> "half a character in '" + part + "'");
        streamed.append(part);
      }
      streamed.append(detokenizer.finish());
      assertEquals(continuation(tokenizer, prompt, output, true), streamed.toString());
    }
  }

  /** What the output adds to the prompt's text. */
  private static String continuation(
      Tokenizer tokenizer, int[] prompt, int[] output, boolean skip) {
    int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(output)).toArray();
    return tokenizer.decode(all, skip).substring(tokenizer.decode(prompt, skip).length());
  }

  /** All ids, those of bytes and of special tokens too: most outputs hold broken characters. */
  @ParameterizedTest
  @ValueSource(strings = {"bytelevel", "sentencepiece", "metaspace", "unigram", "spaces"})
  void randomTokensGiveTheTextOfAllOfThem(String kind) throws Exception {
    Tokenizer tokenizer = Tokenizer.load(CHECKPOINTS.resolve(kind));
    for (long seed = 0; seed < 600; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      boolean skip = random.nextBoolean();
      int bound = random.nextBoolean() ? 299 : random.nextInt(10, 299);
      int[] prompt = tokenizer.encode("the quick", true);
      int[] output = random.ints(random.nextInt(1, 60), 0, bound).toArray();
      StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer, prompt, skip);
      StringBuilder streamed = new StringBuilder();
      Arrays.stream(output).mapToObj(detokenizer::append).forEach(streamed::append);
      streamed.append(detokenizer.finish());
      assertEquals(
          continuation(tokenizer, prompt, output, skip), streamed.toString(), "seed " + seed);
    }
  }

  @Test
  void aRunOfBytesThatNeverEndsIsLetGo() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(CHECKPOINTS.resolve("sentencepiece"));
    StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer, new int[0], true);
    StringBuilder streamed = new StringBuilder();
    int accented = 6 + 0xc3;
    for (int i = 0; i < 1000; i++) {
      streamed.append(detokenizer.append(accented)).append(detokenizer.append(6 + 0xa9));
    }
    assertTrue(streamed.length() > 900, "got " + streamed.length());
    assertEquals("é".repeat(1000), streamed + detokenizer.finish());
  }

  /** Characters that the vocabulary lacks come as bytes: many in a row in another script's text. */
  @Test
  void aLongRunOfBytesIsNotCutWithinACharacter() throws Exception {
    Tokenizer tokenizer = Tokenizer.load(Path.of("src/test/resources/checkpoints/spaces"));
    String text = "漢Ω🧪".repeat(80);
    int[] ids = tokenizer.encode(text, false);
    assertEquals(text.getBytes(StandardCharsets.UTF_8).length, ids.length);
    StreamingDetokenizer stream = new StreamingDetokenizer(tokenizer, new int[0], true);
    StringBuilder out = new StringBuilder();
    int longest = 0;
    for (int id : ids) {
      String piece = stream.append(id);
      assertEquals(-1, piece.indexOf('\uFFFD'), piece);
      longest = Math.max(longest, piece.length());
      out.append(piece);
    }
    assertTrue(longest > 0, "a run goes out in parts");
    assertEquals(text, out + stream.finish());
  }
}
