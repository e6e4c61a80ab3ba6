package dev.kvasir.runtime.tokenizer;

import java.util.Arrays;

/**
 * Turns tokens into text as they come, and never gives out half a character.
 *
 * <p>A token's text depends on those before it (bytes of one character over several tokens, a space
 * that only the first token lacks), so what is decoded is a window: tokens whose text is out
 * already, then the new ones. Text is what the window's decoding is longer by.
 */
public final class StreamingDetokenizer {
  /** Tokens of the prompt that give the first output its context. */
  private static final int CONTEXT = 5;

  /** Bytes that never make a character are let go after this many tokens. */
  private static final int MAX_HELD = 16;

  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final boolean skipSpecialTokens;
  private int[] window;
  private int size;
  private int settled;
  private int emitted;

  public StreamingDetokenizer(Tokenizer tokenizer, int[] prompt, boolean skipSpecialTokens) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = skipSpecialTokens;
    this.window = new int[CONTEXT + MAX_HELD];
    int[] context = Arrays.copyOfRange(prompt, Math.max(0, prompt.length - CONTEXT), prompt.length);
    String text = tokenizer.decode(context, skipSpecialTokens);
    if (text.isEmpty() || text.charAt(text.length() - 1) != REPLACEMENT) {
      System.arraycopy(context, 0, window, 0, context.length);
      size = context.length;
      settled = size;
      emitted = text.length();
    }
  }

  /** The text that this token completes; often one token's, sometimes none, sometimes several's. */
  public String append(int token) {
    if (size == window.length) {
      window = Arrays.copyOf(window, size * 2);
    }
    window[size++] = token;
    String text = decoded();
    boolean complete = text.isEmpty() || text.charAt(text.length() - 1) != REPLACEMENT;
    int end = complete || size - settled >= MAX_HELD ? text.length() : stableEnd(text);
    String fresh = end > emitted ? text.substring(emitted, end) : "";
    emitted = Math.max(emitted, end);
    if (complete || size - settled >= MAX_HELD) {
      slide();
    }
    return fresh;
  }

  /** What was held back: the output ended within a character. */
  public String finish() {
    String text = decoded();
    String rest = text.length() > emitted ? text.substring(emitted) : "";
    emitted = text.length();
    return rest;
  }

  /**
   * Where a text that ends unfinished is final. A tokenizer with byte fallback reads a whole run of
   * bytes as replacement characters until the last one has come, so all of them have to wait.
   */
  private static int stableEnd(String text) {
    int end = text.length();
    while (end > 0 && text.charAt(end - 1) == REPLACEMENT) {
      end--;
    }
    return end;
  }

  /** Keeps the tokens since the last whole character as context for the next. */
  private void slide() {
    System.arraycopy(window, settled, window, 0, size - settled);
    size -= settled;
    settled = size;
    emitted = decoded().length();
  }

  private String decoded() {
    return tokenizer.decode(Arrays.copyOf(window, size), skipSpecialTokens);
  }
}
