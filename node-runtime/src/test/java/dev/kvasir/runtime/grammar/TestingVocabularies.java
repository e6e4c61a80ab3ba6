package dev.kvasir.runtime.grammar;

import dev.kvasir.runtime.tokenizer.TokenBytes;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
import java.util.SplittableRandom;

/** Vocabularies of real tokenizers and made ones. */
final class TestingVocabularies {
  private TestingVocabularies() {}

  static Vocabulary sample() {
    return read("models/sample");
  }

  static Vocabulary byteLevel() {
    return read("src/test/resources/checkpoints/bytelevel");
  }

  static Vocabulary sentencePiece() {
    return read("src/test/resources/checkpoints/sentencepiece");
  }

  private static Vocabulary read(String checkpoint) {
    try {
      return new Vocabulary(TokenBytes.read(Path.of(checkpoint)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Every byte, then words with and without spaces, punctuation and JSON's usual pieces. */
  static Vocabulary large(int size, long seed) {
    SplittableRandom random = new SplittableRandom(seed);
    byte[][] tokens = new byte[size][];
    for (int octet = 0; octet < 256; octet++) {
      tokens[octet] = new byte[] {(byte) octet};
    }
    int count = 256;
    for (String piece :
        "{\" \"} \":\" \": \",\" \", [\" \"] }] }, ],{ [{ \":{\" \":[ :true null true false \\n \\\" ://"
            .split(" ", -1)) {
      tokens[count++] = piece.getBytes(StandardCharsets.UTF_8);
    }
    Set<String> words = new HashSet<>();
    while (count < size) {
      String word = word(random);
      if (words.add(word)) {
        tokens[count++] = word.getBytes(StandardCharsets.UTF_8);
      }
    }
    return new Vocabulary(tokens);
  }

  /** One in fifty has a quote, one in a hundred is a number of up to three digits: as real ones. */
  private static String word(SplittableRandom random) {
    if (random.nextInt(100) == 0) {
      return String.valueOf(random.nextInt(1000));
    }
    String[] ends = {"", "\"", "\",", "\":", ".\"", ".", ",", "(", "\n", "_", "", "", "", ""};
    String letters = "etaoinshrdlucmfwypvbgkjqxz";
    StringBuilder word = new StringBuilder(random.nextInt(2) == 0 ? " " : "");
    int kind = random.nextInt(20);
    int length = 1 + random.nextInt(9);
    for (int i = 0; i < length; i++) {
      double skew = random.nextDouble() * random.nextDouble();
      switch (kind) {
        case 0, 1, 2 -> word.appendCodePoint(0x4e00 + random.nextInt(6000));
        case 3 -> word.appendCodePoint(0x430 + random.nextInt(32));
        case 4 -> word.append((char) ('A' + random.nextInt(26)));
        default -> word.append(letters.charAt((int) (skew * letters.length())));
      }
    }
    String end = random.nextInt(14) == 0 ? ends[random.nextInt(ends.length)] : "";
    return word.append(end).toString();
  }
}
