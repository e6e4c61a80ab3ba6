package dev.kvasir.runtime.http;

import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.util.Arrays;

/**
 * A prompt's tokens.
 *
 * @param text as it was given; null where it came as token ids
 */
record Prompt(int[] ids, String text) {

  /** Only its last tokens, where it has more. */
  Prompt last(int most) {
    return ids.length <= most
        ? this
        : new Prompt(Arrays.copyOfRange(ids, ids.length - most, ids.length), null);
  }

  String text(Tokenizer tokenizer, boolean skipSpecialTokens) {
    return text == null ? tokenizer.decode(ids, skipSpecialTokens) : text;
  }
}
