package dev.kvasir.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import org.junit.jupiter.api.Test;

class TokenRulesTest {
  @Test
  void endsAreBarredUntilEnoughTokensAreThere() {
    TokenRules rules = TokenRules.NONE.withMinTokens(2, new int[] {1, 9});
    int[] tokens = {5, 5, 6, 7};

    assertArrayEquals(new int[] {1, 9}, rules.barredAfter(tokens, 2, 2));
    assertArrayEquals(new int[] {1, 9}, rules.barredAfter(tokens, 2, 3));
    assertNull(rules.barredAfter(tokens, 2, 4));
  }

  @Test
  void aBadWordsLastTokenIsBarredWhereTheOutputHasTheOthers() {
    TokenRules rules = TokenRules.NONE.withBadWords(new int[][] {{4}, {5, 6, 7}, {6, 8}});
    int[] tokens = {5, 6, 5, 6};

    assertArrayEquals(new int[] {4}, rules.barredAfter(tokens, 2, 2), "the prompt doesn't count");
    assertArrayEquals(new int[] {4}, rules.barredAfter(tokens, 2, 3));
    assertArrayEquals(new int[] {4, 7, 8}, rules.barredAfter(tokens, 2, 4));
  }
}
