package dev.kvasir.operator.console;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import org.jboss.logging.Logger;

/** The token that opens the console, as a file has it; a file that changes changes the token. */
final class Token {
  private static final Logger LOG = Logger.getLogger(Token.class);
  private static final String SCHEME = "Bearer ";
  private static final int SHORTEST = 16;
  private static final int LONGEST = 1024;

  private final Path file;
  private volatile byte[] digest;
  private String said = "";

  private Token(Path file, byte[] digest) {
    this.file = file;
    this.digest = digest;
  }

  /** Fails, and says why, where the file has no token. */
  static Token of(Path file) {
    try {
      return new Token(file, read(file));
    } catch (IOException e) {
      throw new IllegalStateException(
          "the console's token can't be read (KVASIR_CONSOLE_TOKEN_FILE): " + e.getMessage(), e);
    }
  }

  /** Reads the file again; one that has no token any more leaves the last one in effect. */
  void refresh() {
    try {
      digest = read(file);
      said = "";
    } catch (IOException e) {
      if (!said.equals(e.getMessage())) {
        said = e.getMessage();
        LOG.warnf("the console's last token stays in effect: %s", said);
      }
    }
  }

  /** Whether an Authorization header carries the token; takes as long whatever it carries. */
  boolean opens(String authorization) {
    return authorization != null
        && authorization.length() <= LONGEST
        && authorization.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        && MessageDigest.isEqual(digest, digest(authorization.substring(SCHEME.length()).strip()));
  }

  private static byte[] read(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(file + " is not there, or not to be read");
    }
    if (Files.size(file) > LONGEST) {
      throw new IOException(file + " is longer than " + LONGEST + " bytes");
    }
    String text = Files.readString(file).strip();
    if (text.length() < SHORTEST) {
      throw new IOException(
          "the token in %s has %d characters; it must have at least %d"
              .formatted(file, text.length(), SHORTEST));
    }
    return digest(text);
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
