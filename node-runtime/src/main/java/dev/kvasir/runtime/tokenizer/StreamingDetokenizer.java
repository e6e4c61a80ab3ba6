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

  /** Where those have no text, being special, so many more are tried. */
  private static final int MAX_CONTEXT = 64;

  /** A longer run of bytes goes out in parts, each up to a character's end. */
  private static final int MAX_HELD = 128;

  /** Bytes that have made no character by so many tokens more never will. */
  private static final int MAX_CHARACTER = 16;

  private static final char REPLACEMENT = '\uFFFD';

  private final Tokenizer tokenizer;
  private final boolean skipSpecialTokens;
  private int[] window;
  private int size;
  private int settled;
  private int emitted;
  private boolean inBytes;

  public StreamingDetokenizer(Tokenizer tokenizer, int[] prompt, boolean skipSpecialTokens) {
    this.tokenizer = tokenizer;
    this.skipSpecialTokens = skipSpecialTokens;
    int[] context = context(prompt);
    String text = tokenizer.decode(context, skipSpecialTokens);
    boolean whole = text.isEmpty() || text.charAt(text.length() - 1) != REPLACEMENT;
    window = Arrays.copyOf(whole ? context : new int[0], CONTEXT + MAX_HELD);
    size = whole ? context.length : 0;
    settled = size;
    emitted = whole ? text.length() : 0;
  }

  /** The prompt's end, long enough to have text. */
  private int[] context(int[] prompt) {
    int length = Math.min(CONTEXT, prompt.length);
    while (length < Math.min(MAX_CONTEXT, prompt.length) && isSilent(prompt, length)) {
      length++;
    }
    return Arrays.copyOfRange(prompt, prompt.length - length, prompt.length);
  }

  private boolean isSilent(int[] prompt, int length) {
    return Arrays.stream(prompt, prompt.length - length, prompt.length).allMatch(this::isSkipped);
  }

  private boolean isSkipped(int token) {
    return skipSpecialTokens && tokenizer.isSpecial(token);
  }

  /** The text that this token completes; often one token's, sometimes none, sometimes several's. */
  public String append(int token) {
    if (size == window.length) {
      window = Arrays.copyOf(window, size * 2);
    }
    window[size++] = token;
    inBytes = isSkipped(token) ? inBytes : tokenizer.isByte(token);
    boolean patient = size - settled < MAX_HELD;
    return inBytes && patient ? "" : settle(patient);
  }

  private String settle(boolean patient) {
    String text = decoded();
    boolean whole = text.isEmpty() || text.charAt(text.length() - 1) != REPLACEMENT;
    if (inBytes && !whole && size - settled < MAX_HELD + MAX_CHARACTER) {
      return "";
    }
    // Bytes read as one replacement for each character that they don't complete.
    int end = whole || !patient ? text.length() : text.length() - 1;
    String fresh = end > emitted ? text.substring(emitted, end) : "";
    emitted = Math.max(emitted, end);
    if (whole || !patient) {
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

  /** Keeps the tokens since the last whole character as context for the next. */
  private void slide() {
    int[] fresh = Arrays.copyOfRange(window, settled, size);
    if (Arrays.stream(fresh).allMatch(this::isSkipped)) {
      // They would be no context.
      size = settled;
      return;
    }
    System.arraycopy(fresh, 0, window, 0, fresh.length);
    size = fresh.length;
    settled = size;
    emitted = decoded().length();
  }

  private String decoded() {
    return tokenizer.decode(Arrays.copyOf(window, size), skipSpecialTokens);
  }
}
