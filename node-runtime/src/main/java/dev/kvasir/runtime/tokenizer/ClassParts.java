package dev.kvasir.runtime.tokenizer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The parts of a tokenizer that transformers' classes put in place of a file's.
 *
 * @param parts normalizer, pre_tokenizer and decoder
 * @param model settings of the BPE model
 */
record ClassParts(Map<String, JsonNode> parts, Map<String, JsonNode> model) {
  private static final String SPACE = "▁";
  private static final String QWEN2_WORDS =
      "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}|"
          + " ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

  /** Those of a class, which has some; {@code unknown} is the text of its unknown token. */
  static ClassParts of(TokenizerClass type, JsonFile config, String unknown) throws IOException {
    boolean prefix = config.flag("add_prefix_space", type == TokenizerClass.LLAMA);
    return switch (type) {
      case LLAMA -> {
        String scheme = config.flag("legacy", false) ? "always" : "first";
        yield new ClassParts(
            parts(null, metaspace(prefix ? scheme : "never"), spaces(true, prefix)),
            model(null, true, true));
      }
      case GEMMA ->
          new ClassParts(
              parts(replace(" ", SPACE), split(), spaces(true, false)), model(unknown, true, true));
      case QWEN2 -> new ClassParts(qwen2(prefix), model(null, false, false));
      case FILE -> new ClassParts(Map.of(), Map.of());
    };
  }

  private static Map<String, JsonNode> parts(
      JsonNode normalizer, JsonNode words, JsonNode decoder) {
    Map<String, JsonNode> parts = new LinkedHashMap<>();
    parts.put("normalizer", orNull(normalizer));
    parts.put("pre_tokenizer", words);
    parts.put("decoder", decoder);
    return parts;
  }

  private static Map<String, JsonNode> model(String unknown, boolean fuses, boolean byBytes) {
    Map<String, JsonNode> model = new LinkedHashMap<>();
    JsonNodeFactory json = JsonNodeFactory.instance;
    model.put("dropout", json.nullNode());
    model.put("unk_token", unknown == null ? json.nullNode() : json.textNode(unknown));
    model.put("continuing_subword_prefix", json.nullNode());
    model.put("end_of_word_suffix", json.nullNode());
    model.put("fuse_unk", json.booleanNode(fuses));
    model.put("byte_fallback", json.booleanNode(byBytes));
    model.put("ignore_merges", json.booleanNode(false));
    return model;
  }

  private static JsonNode orNull(JsonNode part) {
    return part == null ? JsonNodeFactory.instance.nullNode() : part;
  }

  private static Map<String, JsonNode> qwen2(boolean prefix) {
    ObjectNode split = part("Split");
    split.putObject("pattern").put("Regex", QWEN2_WORDS);
    split.put("behavior", "Isolated").put("invert", false);
    ObjectNode words = part("Sequence");
    words.putArray("pretokenizers").add(split).add(byteLevel(prefix));
    return parts(part("NFC"), words, byteLevel(false));
  }

  private static ObjectNode byteLevel(boolean prefix) {
    return part("ByteLevel")
        .put("add_prefix_space", prefix)
        .put("trim_offsets", false)
        .put("use_regex", false);
  }

  private static ObjectNode split() {
    ObjectNode split = part("Split");
    split.putObject("pattern").put("String", " ");
    return split.put("behavior", "MergedWithPrevious").put("invert", false);
  }

  /** A space in front: "first" for the text's start only, and not behind a special token. */
  static ObjectNode metaspace(String scheme) {
    return part("Metaspace")
        .put("replacement", SPACE)
        .put("prepend_scheme", scheme)
        .put("split", false);
  }

  /** The decoder of SentencePiece's spelling; {@code prefix}: the text began with a space more. */
  static ObjectNode spaces(boolean byBytes, boolean prefix) {
    ObjectNode sequence = part("Sequence");
    var steps = sequence.putArray("decoders").add(replace(SPACE, " "));
    if (byBytes) {
      steps.add(part("ByteFallback"));
    }
    steps.add(part("Fuse"));
    if (prefix) {
      steps.add(part("Strip").put("content", " ").put("start", 1).put("stop", 0));
    }
    return sequence;
  }

  static ObjectNode replace(String what, String with) {
    ObjectNode replace = part("Replace");
    replace.putObject("pattern").put("String", what);
    return replace.put("content", with);
  }

  static ObjectNode part(String type) {
    return JsonNodeFactory.instance.objectNode().put("type", type);
  }
}
