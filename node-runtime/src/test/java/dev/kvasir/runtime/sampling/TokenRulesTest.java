package dev.kvasir.runtime.sampling;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TokenRulesTest {
  @Test
  void endsAreBarredUntilEnoughTokensAreThere() {
    TokenRules rules = TokenRules.NONE.withMinTokens(2, new int[] {1, 9});
    int[] tokens = {5, 5, 6, 7};

    assertArrayEquals(new int[] {1, 9}, rules.barredAfter(tokens, 2, 2, 0));
    assertArrayEquals(new int[] {1, 9}, rules.barredAfter(tokens, 2, 3, 1));
    assertNull(rules.barredAfter(tokens, 2, 4, 2));
  }

  @Test
  void whatIsAllowedMayAllBeBarred() {
    TokenRules rules =
        TokenRules.NONE.withAllowed(new long[] {0b1010}).withBadWords(new int[][] {{1}, {3, 4}});

    assertFalse(rules.allowNothing());
    assertFalse(rules.withMinTokens(0, new int[] {3}).allowNothing());
    assertTrue(rules.withMinTokens(1, new int[] {3}).allowNothing());
    assertFalse(TokenRules.NONE.allowNothing());
  }

  @Test
  void aBadWordsLastTokenIsBarredWhereTheOutputHasTheOthers() {
    TokenRules rules = TokenRules.NONE.withBadWords(new int[][] {{4}, {5, 6, 7}, {6, 8}});
    int[] tokens = {5, 6, 5, 6};

    assertArrayEquals(
        new int[] {4}, rules.barredAfter(tokens, 2, 2, 0), "the prompt doesn't count");
    assertArrayEquals(new int[] {4}, rules.barredAfter(tokens, 2, 3, 1));
    assertArrayEquals(new int[] {4, 7, 8}, rules.barredAfter(tokens, 2, 4, 2));
  }
}
