package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
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
  @ValueSource(strings = {"bytelevel", "sentencepiece"})
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
      assertEquals(continuation(tokenizer, prompt, output), streamed.toString());
    }
  }

  /** What the output adds to the prompt's text. */
  private static String continuation(Tokenizer tokenizer, int[] prompt, int[] output) {
    int[] all = IntStream.concat(IntStream.of(prompt), IntStream.of(output)).toArray();
    return tokenizer.decode(all, true).substring(tokenizer.decode(prompt, true).length());
  }

  /**
   * Byte tokens are left out with byte fallback (they are 6 to 261): there a later byte can change
   * what the ones before it read as, which no stream can take back.
   */
  @ParameterizedTest
  @CsvSource({"bytelevel, 6, 290", "sentencepiece, 262, 299"})
  void randomTokensGiveTheTextOfAllOfThem(String kind, int least, int bound) throws Exception {
    Tokenizer tokenizer = Tokenizer.load(CHECKPOINTS.resolve(kind));
    for (long seed = 0; seed < 200; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      int[] prompt = tokenizer.encode("the quick", true);
      int[] output = random.ints(random.nextInt(1, 60), least, bound).toArray();
      StreamingDetokenizer detokenizer = new StreamingDetokenizer(tokenizer, prompt, true);
      StringBuilder streamed = new StringBuilder();
      Arrays.stream(output).mapToObj(detokenizer::append).forEach(streamed::append);
      streamed.append(detokenizer.finish());
      assertEquals(continuation(tokenizer, prompt, output), streamed.toString(), "seed " + seed);
    }
  }
}
