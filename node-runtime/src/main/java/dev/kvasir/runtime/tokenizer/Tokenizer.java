package dev.kvasir.runtime.tokenizer;

import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.List;

/**
 * A checkpoint's own tokenizer (tokenizer.json), run by Hugging Face's library. Thread-safe. It
 * never truncates or pads, whatever the file says.
 */
public final class Tokenizer {
  private static final TokenizersLibrary LIBRARY = TokenizersLibrary.LIB;

  private final long handle;
  private final BitSet bytes;
  private final BitSet specials;
  private final int charactersPerToken;

  private Tokenizer(long handle, TokenizerFile.Contents contents) {
    this.handle = handle;
    this.bytes = contents.bytes();
    this.specials = contents.specials();
    this.charactersPerToken = contents.charactersPerToken();
  }

  /** Token ids of a text, and each one as the vocabulary spells it. */
  public record Encoding(int[] ids, List<String> tokens) {}

  /** Reads tokenizer.json of a checkpoint's directory, or makes it from tokenizer.model. */
  public static Tokenizer load(Path checkpoint) throws IOException {
    TokenizerFile.Contents contents = TokenizerAssembly.read(checkpoint);
    NativeLibrary.load();
    try {
      long handle = LIBRARY.createTokenizerFromString(contents.text());
      LIBRARY.disableTruncation(handle);
      LIBRARY.disablePadding(handle);
      return new Tokenizer(handle, contents);
    } catch (RuntimeException e) {
      throw new IOException(
          "the tokenizer of " + checkpoint + " can't be used: " + e.getMessage(), e);
    }
  }

  /**
   * The ids of a text. Special tokens spelled out in it are recognized.
   *
   * @param addSpecialTokens what the tokenizer adds by itself, such as a BOS: wanted for a plain
   *     prompt, not for one that a chat template wrote
   */
  public int[] encode(String text, boolean addSpecialTokens) {
    long encoding = LIBRARY.encode(handle, text, addSpecialTokens);
    try {
      return ids(encoding);
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  /** Like {@link #encode}, with the tokens' spelling. */
  public Encoding encodeWithTokens(String text, boolean addSpecialTokens) {
    long encoding = LIBRARY.encode(handle, text, addSpecialTokens);
    try {
      return new Encoding(ids(encoding), List.of(LIBRARY.getTokens(encoding)));
    } finally {
      LIBRARY.deleteEncoding(encoding);
    }
  }

  private static int[] ids(long encoding) {
    long[] wide = LIBRARY.getTokenIds(encoding);
    int[] ids = new int[wide.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = (int) wide[i];
    }
    return ids;
  }

  /** The text of ids; bytes that are no whole character read as U+FFFD. */
  public String decode(int[] ids, boolean skipSpecialTokens) {
    long[] wide = new long[ids.length];
    for (int i = 0; i < ids.length; i++) {
      wide[i] = ids[i];
    }
    return LIBRARY.decode(handle, wide, skipSpecialTokens);
  }

  /** A text of more characters has more tokens than that. */
  public long mostCharacters(int tokens) {
    return (long) tokens * charactersPerToken;
  }

  /** Whether a token is one byte, whose meaning depends on the bytes around it. */
  boolean isByte(int id) {
    return bytes.get(id);
  }

  boolean isSpecial(int id) {
    return specials.get(id);
  }
}
