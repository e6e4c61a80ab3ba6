package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class StopStringsTest {
  @Test
  void aStopOverSeveralPartsNeverLeaks() {
    StopStrings stops = new StopStrings(List.of("</end>"));
    assertEquals("a ", stops.append("a <"));
    assertEquals("", stops.append("/en"));
    assertEquals("", stops.append("d>tail"));
    assertEquals("</end>", stops.matched());
    assertEquals("", stops.finish());
  }

  @Test
  void whatOnlyLookedLikeAStopComesOut() {
    StopStrings stops = new StopStrings(List.of("abc"));
    assertEquals("", stops.append("ab"));
    assertEquals("abx", stops.append("x"));
    assertEquals("", stops.append("a"));
    assertEquals("a", stops.finish());
    assertNull(stops.matched());
  }

  @Test
  void theEarliestOfSeveralWins() {
    StopStrings stops = new StopStrings(List.of("world", "lo"));
    assertEquals("hel", stops.append("hello world"));
    assertEquals("lo", stops.matched());
  }

  @Test
  void splittingTheTextChangesNothing() {
    List<String> wanted = List.of("aab", "ca");
    for (long seed = 0; seed < 500; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      StringBuilder text = new StringBuilder();
      random.ints(random.nextInt(1, 30), 'a', 'd').forEach(c -> text.append((char) c));
      StopStrings whole = new StopStrings(wanted);
      String expected = whole.append(text.toString()) + whole.finish();
      assertEquals(expected, inPieces(wanted, text.toString(), random), "seed " + seed);
    }
  }

  private static String inPieces(List<String> wanted, String text, SplittableRandom random) {
    StopStrings stops = new StopStrings(wanted);
    StringBuilder out = new StringBuilder();
    int at = 0;
    while (at < text.length() && stops.matched() == null) {
      int end = Math.min(text.length(), at + random.nextInt(1, 4));
      out.append(stops.append(text.substring(at, end)));
      at = end;
    }
    return out.append(stops.finish()).toString();
  }
}
