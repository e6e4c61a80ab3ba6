package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the parts of a tokenizer.json must look like. The native library aborts the whole process on
 * some of what it can't read, so nothing gets to it that was not looked at here.
 */
final class ComponentRules {
  private static final int MAX_DEPTH = 8;
  private static final List<String> BEHAVIORS =
      List.of("Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous");
  private static final List<String> SCHEMES = List.of("first", "never", "always");

  private static final String BYTE_LEVEL =
      "ByteLevel add_prefix_space:bool? trim_offsets:bool? use_regex:bool?";
  private static final String METASPACE =
      "Metaspace replacement:char prepend_scheme:scheme? split:bool? add_prefix_space:bool?"
          + " str_rep:string?";

  /**
   * For each kind of part its types, each with fields; a question mark says that it may be absent.
   */
  private static final Map<String, Map<String, String>> KINDS =
      Map.of(
          "normalizer",
          types(
              "BertNormalizer clean_text:bool handle_chinese_chars:bool strip_accents:bool? lowercase:bool",
              "Strip strip_left:bool strip_right:bool",
              "StripAccents",
              "NFC",
              "NFD",
              "NFKC",
              "NFKD",
              "Lowercase",
              "Nmt",
              "ByteLevel",
              "Precompiled precompiled_charsmap:charsmap",
              "Replace pattern:pattern content:string",
              "Prepend prepend:string",
              "Sequence normalizers:normalizer"),
          "pre_tokenizer",
          types(
              "BertPreTokenizer",
              "Whitespace",
              "WhitespaceSplit",
              "UnicodeScripts",
              BYTE_LEVEL,
              METASPACE,
              "CharDelimiterSplit delimiter:char",
              "Split pattern:pattern behavior:behavior invert:bool",
              "Punctuation behavior:behavior?",
              "Digits individual_digits:bool",
              "Sequence pretokenizers:pre_tokenizer"),
          "post_processor",
          types(
              BYTE_LEVEL,
              "RobertaProcessing sep:token cls:token trim_offsets:bool add_prefix_space:bool",
              "BertProcessing sep:token cls:token",
              "TemplateProcessing single:pieces pair:pieces special_tokens:specials",
              "Sequence processors:post_processor"),
          "decoder",
          types(
              BYTE_LEVEL,
              METASPACE,
              "BPEDecoder suffix:string",
              "WordPiece prefix:string cleanup:bool",
              "CTC pad_token:string word_delimiter_token:string cleanup:bool",
              "Replace pattern:pattern content:string",
              "Fuse",
              "ByteFallback",
              "Strip content:char start:int stop:int",
              "Sequence decoders:decoder"));

  private final String file;

  ComponentRules(String file) {
    this.file = file;
  }

  private static Map<String, String> types(String... rules) {
    Map<String, String> types = new TreeMap<>();
    for (String rule : rules) {
      int space = (rule + " ").indexOf(' ');
      types.put(rule.substring(0, space), rule.substring(space).strip());
    }
    return types;
  }

  static boolean isKind(String field) {
    return KINDS.containsKey(field);
  }

  IOException wrong(String path, String expected, JsonNode value) {
    String shown = value.toString();
    return new IOException(
        "%s: %s must be %s, got %s"
            .formatted(
                file,
                path,
                expected,
                value.isMissingNode()
                    ? "nothing"
                    : shown.length() > 60 ? shown.substring(0, 60) + "..." : shown));
  }

  /** A part of a kind, or null for none. */
  void check(String kind, JsonNode part) throws IOException {
    if (!part.isNull()) {
      check(kind, kind, part, 0);
    }
  }

  private void check(String kind, String path, JsonNode part, int depth) throws IOException {
    Map<String, String> types = KINDS.get(kind);
    String rule = part.isObject() ? types.get(part.path("type").asText("")) : null;
    if (rule == null || depth > MAX_DEPTH) {
      throw wrong(path, "an object whose type is one of " + types.keySet(), part);
    }
    for (Map.Entry<String, String> field : fields(rule).entrySet()) {
      String where = path + "." + field.getKey();
      String expected = field.getValue();
      JsonNode value = part.path(field.getKey());
      boolean optional = expected.endsWith("?");
      if (!optional || !(value.isMissingNode() || value.isNull())) {
        String wanted = optional ? expected.substring(0, expected.length() - 1) : expected;
        checkField(wanted, where, part, value, depth);
      }
    }
  }

  private static Map<String, String> fields(String rule) {
    Map<String, String> fields = new HashMap<>();
    for (String field : rule.split(" ", -1)) {
      if (!field.isEmpty()) {
        fields.put(field.substring(0, field.indexOf(':')), field.substring(field.indexOf(':') + 1));
      }
    }
    return fields;
  }

  private void checkField(String expected, String path, JsonNode part, JsonNode value, int depth)
      throws IOException {
    switch (expected) {
      case "bool" -> require(value.isBoolean(), path, "true or false", value);
      case "string" -> require(value.isTextual(), path, "a string", value);
      case "char" -> require(isCharacter(value), path, "one character", value);
      case "int" -> require(isId(value), path, "a whole number of 32 bits", value);
      case "scheme" -> requireOneOf(SCHEMES, path, value);
      case "behavior" -> requireOneOf(BEHAVIORS, path, value);
      case "pattern" -> checkPattern(path, value);
      case "charsmap" -> require(isCharsmap(value), path, "a precompiled map in base 64", value);
      case "token" ->
          require(
              value.isArray()
                  && value.size() == 2
                  && value.get(0).isTextual()
                  && isId(value.get(1)),
              path,
              "a list of a token and its id",
              value);
      case "pieces" -> checkPieces(path, value, part.path("special_tokens"));
      case "specials" -> checkSpecials(path, value);
      default -> {
        require(value.isArray(), path, "a list", value);
        for (int i = 0; i < value.size(); i++) {
          check(expected, path + "[" + i + "]", value.get(i), depth + 1);
        }
      }
    }
  }

  private void require(boolean holds, String path, String expected, JsonNode value)
      throws IOException {
    if (!holds) {
      throw wrong(path, expected, value);
    }
  }

  private void checkPattern(String path, JsonNode value) throws IOException {
    JsonNode regex = value.path("Regex");
    require(
        value.isObject() && value.size() == 1 && (isText(value.path("String")) || isText(regex)),
        path,
        "an object with a String or a Regex",
        value);
    try {
      RegexCheck.check(regex.asText());
    } catch (IllegalArgumentException e) {
      throw new IOException(
          "%s: %s can't be used: the regular expression %s".formatted(file, path, e.getMessage()),
          e);
    }
  }

  private void requireOneOf(List<String> names, String path, JsonNode value) throws IOException {
    require(value.isTextual() && names.contains(value.textValue()), path, "one of " + names, value);
  }

  private static boolean isText(JsonNode value) {
    return value.isTextual() && !value.textValue().isEmpty();
  }

  private static boolean isCharacter(JsonNode value) {
    return isText(value) && value.textValue().codePointCount(0, value.textValue().length()) == 1;
  }

  static boolean isId(JsonNode value) {
    return value.isIntegralNumber() && value.canConvertToInt() && value.intValue() >= 0;
  }

  /** The length of a trie, the trie, and texts that end with a zero. */
  private static boolean isCharsmap(JsonNode value) {
    if (!isText(value)) {
      return false;
    }
    try {
      byte[] map = Base64.getDecoder().decode(value.textValue());
      return map.length > 4 && isCharsmap(map);
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  private static boolean isCharsmap(byte[] map) {
    long trie = 0;
    for (int i = 3; i >= 0; i--) {
      trie = trie << 8 | (map[i] & 0xff);
    }
    return trie > 0 && trie % 4 == 0 && trie < map.length - 4L && map[map.length - 1] == 0;
  }

  private void checkPieces(String path, JsonNode pieces, JsonNode specials) throws IOException {
    require(pieces.isArray(), path, "a list", pieces);
    for (int i = 0; i < pieces.size(); i++) {
      JsonNode piece = pieces.get(i);
      JsonNode sequence = piece.path("Sequence");
      boolean isSequence =
          sequence.isObject()
              && List.of("A", "B").contains(sequence.path("id").asText())
              && isId(sequence.path("type_id"));
      JsonNode special = piece.path("SpecialToken");
      boolean isSpecial =
          special.isObject()
              && isText(special.path("id"))
              && specials.has(special.get("id").textValue())
              && isId(special.path("type_id"));
      require(
          piece.size() == 1 && (isSequence || isSpecial),
          path + "[" + i + "]",
          "a Sequence or one of the special_tokens, with id and type_id",
          piece);
    }
  }

  private void checkSpecials(String path, JsonNode specials) throws IOException {
    require(specials.isObject(), path, "an object", specials);
    for (Map.Entry<String, JsonNode> special : specials.properties()) {
      JsonNode value = special.getValue();
      JsonNode ids = value.path("ids");
      JsonNode tokens = value.path("tokens");
      boolean lists = ids.isArray() && tokens.isArray() && ids.size() == tokens.size();
      boolean holds = lists && !ids.isEmpty() && isText(value.path("id"));
      for (int i = 0; holds && i < ids.size(); i++) {
        holds = isId(ids.get(i)) && tokens.get(i).isTextual();
      }
      require(holds, path + "." + special.getKey(), "an object with id, ids and tokens", value);
    }
  }
}
