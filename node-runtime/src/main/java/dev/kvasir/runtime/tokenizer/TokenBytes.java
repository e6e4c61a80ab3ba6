package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;

/**
 * The bytes that each token adds to a text, read from tokenizer.json or what a tokenizer.model says
 * as such. A token may hold a part of a character. Special tokens have no bytes; other added tokens
 * have those of their text.
 */
public final class TokenBytes {
  private static final JsonMapper MAPPER = new JsonMapper();

  private final Spelling spelling;
  private byte[][] tokens = new byte[0][];

  private TokenBytes(Spelling spelling) {
    this.spelling = spelling;
  }

  /** Reads a checkpoint's tokenizer; by id, null where a token has no bytes. */
  public static byte[][] read(Path checkpoint) throws IOException {
    TokenizerFile.Contents contents = TokenizerAssembly.read(checkpoint);
    Path file = contents.file();
    JsonNode root = MAPPER.readTree(contents.text());
    TokenBytes reader = new TokenBytes(Spelling.of(root.path("decoder"), file));
    reader.addAll(root.path("model").path("vocab"), file);
    for (JsonNode added : root.path("added_tokens")) {
      byte[] text = added.path("content").asText().getBytes(StandardCharsets.UTF_8);
      reader.put(added.path("id").asInt(), added.path("special").asBoolean() ? null : text);
    }
    return reader.tokens;
  }

  private void addAll(JsonNode vocabulary, Path file) throws IOException {
    if (vocabulary.isObject()) {
      for (Map.Entry<String, JsonNode> entry : vocabulary.properties()) {
        put(entry.getValue().asInt(), spelling.bytes(entry.getKey()));
      }
    } else if (vocabulary.isArray()) {
      for (int id = 0; id < vocabulary.size(); id++) {
        put(id, spelling.bytes(vocabulary.get(id).path(0).asText()));
      }
    } else {
      throw new IOException(file + " has no model.vocab");
    }
  }

  private void put(int id, byte[] bytes) {
    if (id >= tokens.length) {
      tokens = Arrays.copyOf(tokens, Math.max(id + 1, tokens.length * 2));
    }
    tokens[id] = bytes;
  }

  /** How a vocabulary spells bytes, told from the decoder that undoes it. */
  private static final class Spelling {
    private static final char[] BYTE_LEVEL = byteLevel();

    private final short[] byteOf = new short[BYTE_LEVEL.length + 256];
    private boolean byteLevel;
    private boolean byteFallback;
    private String replaced = "";
    private String replacement = "";

    static Spelling of(JsonNode decoder, Path file) throws IOException {
      Spelling spelling = new Spelling();
      spelling.read(decoder, file);
      Arrays.fill(spelling.byteOf, (short) -1);
      for (int octet = 0; octet < 256; octet++) {
        spelling.byteOf[BYTE_LEVEL[octet]] = (short) octet;
      }
      return spelling;
    }

    private void read(JsonNode decoder, Path file) throws IOException {
      switch (decoder.path("type").asText("")) {
        case "Sequence" -> {
          for (JsonNode part : decoder.path("decoders")) {
            read(part, file);
          }
        }
        case "ByteLevel" -> byteLevel = true;
        case "ByteFallback" -> byteFallback = true;
        case "Metaspace" -> replace(decoder.path("replacement").asText("\u2581"), " ");
        case "Replace" -> {
          if (!decoder.path("pattern").has("String")) {
            throw new IOException(file + ": its decoder replaces a regular expression");
          }
          replace(
              decoder.path("pattern").path("String").asText(), decoder.path("content").asText());
        }
        case "Fuse", "Strip" -> {
          // They join tokens and trim the beginning of a whole text: a token's bytes stay.
        }
        default ->
            throw new IOException(
                file + ": the decoder '" + decoder.path("type").asText("none") + "' is not known");
      }
    }

    private void replace(String what, String by) {
      replaced = what;
      replacement = by;
    }

    byte[] bytes(String token) {
      if (byteLevel) {
        return fromByteLevel(token);
      }
      if (byteFallback && token.matches("<0x[0-9A-Fa-f]{2}>")) {
        return new byte[] {(byte) Integer.parseInt(token.substring(3, 5), 16)};
      }
      String text = replaced.isEmpty() ? token : token.replace(replaced, replacement);
      return text.getBytes(StandardCharsets.UTF_8);
    }

    private byte[] fromByteLevel(String token) {
      byte[] bytes = new byte[token.length()];
      for (int i = 0; i < bytes.length; i++) {
        char c = token.charAt(i);
        int octet = c < byteOf.length ? byteOf[c] : -1;
        if (octet < 0) {
          return token.getBytes(StandardCharsets.UTF_8);
        }
        bytes[i] = (byte) octet;
      }
      return bytes;
    }

    /** Printable Latin-1 stands for itself, the other bytes for U+0100 and on. */
    private static char[] byteLevel() {
      char[] characters = new char[256];
      int next = 256;
      for (int octet = 0; octet < 256; octet++) {
        boolean itself =
            (octet >= '!' && octet <= '~') || (octet >= 0xa1 && octet <= 0xac) || octet >= 0xae;
        characters[octet] = (char) (itself ? octet : next++);
      }
      return characters;
    }
  }
}
