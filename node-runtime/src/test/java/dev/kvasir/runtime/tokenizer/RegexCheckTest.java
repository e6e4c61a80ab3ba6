package dev.kvasir.runtime.tokenizer;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RegexCheckTest {
  /** The shapes that tokenizers use. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
        "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}|"
            + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
        "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{M}]+(?i:'s|'t|'re)?|\\p{N}{1,3}",
        "(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s]++[\\r\\n]*+|\\s++$",
        "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[\\p{P}\\p{S}]+[\\r\\n]*",
        "\\d{1,3}(?=(?:\\d{3})*\\b)",
        "(?<=[a-z&&[^x]])[[:alpha:]]+",
        "[0-9][0-9][0-9]",
        " {2,}",
        "a{x}"
      })
  void whatTokenizersUseIsTaken(String regex) {
    assertDoesNotThrow(() -> RegexCheck.check(regex));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "(a+)+b",
        "(a|a)*b",
        "(?:a|aa)+$",
        "(?:(?:a*)b?)*c",
        "a*a*a*b",
        "\\s*\\s*\\s*x",
        "(x+x+)+y",
        "(a{1,9}){1,9}b",
        "a?a?a?a?a?a?a?a?aaaaaaaa",
        "((a{1000}){1000}){1000}",
        "(?=(a+)+b)x",
        "(.*)\\1",
        "(?<x>a)\\k<x>",
        "a{1,3}+a{1,3}+b",
        "a)b",
        "(?(a)b|c)"
      })
  void whatCanBacktrackEndlesslyIsRefused(String regex) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> RegexCheck.check(regex)).getMessage();
    assertTrue(message.length() > 10, message);
  }
}
