package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.BitSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Looks through a tokenizer.json before the native library reads it. */
final class TokenizerFile {
  private static final long MAX_SIZE = 256L << 20;
  private static final int MAX_TOKENS = 4 << 20;
  private static final int MAX_STRING = 16 << 20;
  private static final Pattern BYTE = Pattern.compile("<0x[0-9A-F]{2}>");
  private static final List<String> MODELS = List.of("BPE", "Unigram", "WordLevel", "WordPiece");
  static final ObjectMapper MAPPER =
      new ObjectMapper(
          JsonFactory.builder()
              .streamReadConstraints(
                  StreamReadConstraints.builder()
                      .maxNestingDepth(32)
                      .maxNumberLength(100)
                      .maxStringLength(MAX_STRING)
                      .build())
              .build());

  private final Path file;
  private final ComponentRules rules;
  private final Set<String> seen = new HashSet<>();
  private final BitSet bytes = new BitSet();
  private final BitSet specials = new BitSet();
  private final TextLength lengths = new TextLength();
  private final Map<String, Integer> vocabulary = new HashMap<>();
  private final Map<String, JsonNode> parts = new HashMap<>();
  private final Map<String, JsonNode> settings = new HashMap<>();
  private String text;
  private boolean joinsBytes;

  private TokenizerFile(Path file) {
    this.file = file;
    this.rules = new ComponentRules(file.toString());
  }

  /**
   * What is known of a tokenizer.
   *
   * @param file where it came from, for errors
   * @param text the file's, which the native library can be trusted with
   * @param bytes the ids of tokens that stand for one byte, where the decoder joins such
   * @param specials the ids of special tokens
   * @param charactersPerToken no text has more than so many for each of its tokens
   */
  record Contents(Path file, String text, BitSet bytes, BitSet specials, int charactersPerToken) {}

  static TokenizerFile read(Path file) throws IOException {
    long size = Files.size(file);
    if (size > MAX_SIZE) {
      throw new IOException(file + " has " + size + " bytes; at most " + MAX_SIZE + " are read");
    }
    try {
      return check(file, Files.readString(file));
    } catch (CharacterCodingException e) {
      throw new IOException(file + " can't be read as UTF-8: " + e, e);
    }
  }

  static TokenizerFile check(Path file, String text) throws IOException {
    TokenizerFile checking = new TokenizerFile(file);
    checking.check(text);
    checking.text = text;
    return checking;
  }

  Contents contents() {
    return new Contents(
        file, text, joinsBytes ? bytes : new BitSet(), specials, lengths.charactersPerToken());
  }

  Path file() {
    return file;
  }

  String text() {
    return text;
  }

  /** The ids of the model's tokens, by their spelling. */
  Map<String, Integer> vocabulary() {
    return vocabulary;
  }

  /** A field other than the model; null's node where the file has none. */
  JsonNode part(String name) {
    return parts.getOrDefault(name, JsonNodeFactory.instance.nullNode());
  }

  /** A setting of the model; null's node where the file has none. */
  JsonNode setting(String name) {
    return settings.getOrDefault(name, JsonNodeFactory.instance.nullNode());
  }

  private void check(String text) throws IOException {
    try (JsonParser json = MAPPER.createParser(text)) {
      if (json.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException(file + " must hold a JSON object");
      }
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        String field = json.currentName();
        if (!seen.add(field)) {
          throw new IOException(file + " holds " + field + " twice");
        }
        json.nextToken();
        field(field, json);
      }
      if (json.nextToken() != null) {
        throw new IOException(file + " goes on behind the JSON object");
      }
    } catch (JsonProcessingException e) {
      throw new IOException(file + " is not valid JSON: " + e.getOriginalMessage(), e);
    }
    if (!seen.contains("model")) {
      throw rules.wrong("model", "an object", JsonNodeFactory.instance.missingNode());
    }
  }

  private void field(String field, JsonParser json) throws IOException {
    if (field.equals("model")) {
      model(json);
      return;
    }
    JsonNode value = MAPPER.readTree(json);
    parts.put(field, value);
    if (ComponentRules.isKind(field)) {
      rules.check(field, value);
      if (field.equals("normalizer") || field.equals("pre_tokenizer")) {
        lengths.part(value);
      }
      joinsBytes |=
          field.equals("decoder") && value.findValuesAsText("type").contains("ByteFallback");
    } else if (field.equals("added_tokens")) {
      addedTokens(value);
    } else if (field.equals("version") && !value.asText().equals("1.0")) {
      throw rules.wrong("version", "\"1.0\"", value);
    }
  }

  private void addedTokens(JsonNode tokens) throws IOException {
    if (!tokens.isArray() || tokens.size() > MAX_TOKENS) {
      throw rules.wrong("added_tokens", "a list", tokens);
    }
    for (int i = 0; i < tokens.size(); i++) {
      JsonNode token = tokens.get(i);
      boolean holds =
          ComponentRules.isId(token.path("id"))
              && token.path("content").isTextual()
              && !token.path("content").textValue().isEmpty();
      for (String flag : List.of("single_word", "lstrip", "rstrip", "normalized", "special")) {
        holds = holds && token.path(flag).isBoolean();
      }
      if (!holds) {
        throw rules.wrong(
            "added_tokens[" + i + "]", "an object with id, content and five flags", token);
      }
      lengths.added(token);
      specials.set(token.get("id").intValue(), token.get("special").booleanValue());
    }
    checkBlanks(tokens, true);
    checkBlanks(tokens, false);
  }

  /** Where two tokens that are looked for together lay claim to a space, the library aborts. */
  private void checkBlanks(JsonNode tokens, boolean normalized) throws IOException {
    boolean strips = false;
    String blank = null;
    for (JsonNode token : tokens) {
      if (token.get("normalized").booleanValue() == normalized) {
        strips |= token.get("rstrip").booleanValue();
        String content = token.get("content").textValue();
        blank = startsBlank(content) ? content : blank;
      }
    }
    if (strips && blank != null) {
      throw new IOException(
          file
              + ": added_tokens must not start with white space, as '"
              + blank
              + "' does, where another one with the same 'normalized' has rstrip");
    }
  }

  private static boolean startsBlank(String content) {
    int first = content.codePointAt(0);
    return Character.isWhitespace(first) || Character.isSpaceChar(first) || first == 0x85;
  }

  /** The vocabulary and the merges are looked through as they come: they are most of the file. */
  private void model(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw rules.wrong("model", "an object", MAPPER.readTree(json));
    }
    int size = -1;
    boolean pairs = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      switch (field) {
        case "vocab" -> {
          pairs = json.currentToken() == JsonToken.START_ARRAY;
          size = pairs ? pairs(json) : ids(json);
        }
        case "merges" -> merges(json);
        default -> settings.put(field, MAPPER.readTree(json));
      }
    }
    settings(size, pairs);
    lengths.model(settings);
  }

  private void settings(int size, boolean pairs) throws IOException {
    JsonNode nothing = JsonNodeFactory.instance.missingNode();
    JsonNode type = settings.getOrDefault("type", nothing);
    boolean named = type.isTextual();
    if (!named || !MODELS.contains(type.textValue())) {
      throw rules.wrong("model.type", "one of " + MODELS, type);
    }
    boolean isBpe = type.textValue().equals("BPE");
    boolean unigram = type.textValue().equals("Unigram");
    if (size <= 0 || pairs != unigram) {
      throw rules.wrong(
          "model.vocab",
          unigram ? "a list of pieces and scores" : "tokens with their ids",
          nothing);
    }
    if (unigram && !ComponentRules.isId(settings.getOrDefault("unk_id", nothing))) {
      throw rules.wrong("model.unk_id", "the id of the unknown token", nothing);
    }
    for (Map.Entry<String, JsonNode> setting : settings.entrySet()) {
      setting("model." + setting.getKey(), setting.getKey(), setting.getValue(), size, isBpe);
    }
  }

  private void setting(String path, String name, JsonNode value, int size, boolean isBpe)
      throws IOException {
    boolean holds =
        switch (name) {
          case "fuse_unk", "byte_fallback", "ignore_merges" -> value.isBoolean() || value.isNull();
          case "unk_token", "end_of_word_suffix" -> value.isTextual() || value.isNull();
          // In BPE the library cuts it off merges without looking whether they have it.
          case "continuing_subword_prefix" ->
              value.isNull() || (value.isTextual() && (value.asText().isEmpty() || !isBpe));
          case "dropout" ->
              value.isNull()
                  || (value.isNumber() && value.doubleValue() >= 0 && value.doubleValue() <= 1);
          case "unk_id" ->
              value.isNull() || (ComponentRules.isId(value) && value.intValue() < size);
          case "max_input_chars_per_word" -> ComponentRules.isId(value);
          default -> true;
        };
    if (!holds) {
      throw rules.wrong(path, "what its name says", value);
    }
  }

  private int ids(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      throw rules.wrong("model.vocab", "tokens with their ids", MAPPER.readTree(json));
    }
    int count = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String token = json.currentName();
      boolean whole = json.nextToken() == JsonToken.VALUE_NUMBER_INT;
      if (!whole || json.getLongValue() < 0 || json.getLongValue() > Integer.MAX_VALUE) {
        throw rules.wrong(
            "the id of '" + token + "' in model.vocab", "a token id", MAPPER.readTree(json));
      }
      note(token, json.getIntValue());
      count = counted(count);
    }
    return count;
  }

  private void note(String token, int id) {
    lengths.token(token);
    vocabulary.putIfAbsent(token, id);
    if (BYTE.matcher(token).matches()) {
      bytes.set(id);
    }
  }

  private int counted(int count) throws IOException {
    if (count == MAX_TOKENS) {
      throw new IOException(file + ": model.vocab holds more than " + MAX_TOKENS + " tokens");
    }
    return count + 1;
  }

  private int pairs(JsonParser json) throws IOException {
    int count = 0;
    while (json.nextToken() != JsonToken.END_ARRAY) {
      boolean holds =
          json.currentToken() == JsonToken.START_ARRAY
              && json.nextToken() == JsonToken.VALUE_STRING
              && isPiece(json, count);
      if (!holds) {
        throw new IOException(file + ": model.vocab[" + count + "] must be a piece and its score");
      }
      count = counted(count);
    }
    return count;
  }

  private boolean isPiece(JsonParser json, int id) throws IOException {
    note(json.getText(), id);
    return json.nextToken().isNumeric()
        && Double.isFinite(json.getDoubleValue())
        && json.nextToken() == JsonToken.END_ARRAY;
  }

  private void merges(JsonParser json) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw rules.wrong("model.merges", "a list", MAPPER.readTree(json));
    }
    for (int i = 0; json.nextToken() != JsonToken.END_ARRAY; i++) {
      boolean holds =
          json.currentToken() == JsonToken.VALUE_STRING
              || (json.currentToken() == JsonToken.START_ARRAY
                  && json.nextToken() == JsonToken.VALUE_STRING
                  && json.nextToken() == JsonToken.VALUE_STRING
                  && json.nextToken() == JsonToken.END_ARRAY);
      if (!holds) {
        throw new IOException(file + ": model.merges[" + i + "] must be two tokens");
      }
    }
  }
}
