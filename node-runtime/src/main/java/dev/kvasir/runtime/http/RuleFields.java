package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import dev.kvasir.runtime.sampling.TokenRules;
import dev.kvasir.runtime.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** {@code logit_bias}, {@code allowed_token_ids} and {@code bad_words}. */
final class RuleFields {
  private static final int MAX_BIASES = 1024;
  private static final double MAX_BIAS = 100;
  private static final int MAX_BAD_WORDS = 128;
  private static final int MAX_BAD_WORD_LENGTH = 256;

  private RuleFields() {}

  static TokenRules read(Fields fields, ServedModel model) throws ApiException {
    int vocabulary = model.engine().limits().vocabularySize();
    TokenRules rules = biases(fields, vocabulary);
    return rules
        .withAllowed(allowed(fields, vocabulary))
        .withBadWords(badWords(fields, model.tokenizer()));
  }

  private static TokenRules biases(Fields fields, int vocabulary) throws ApiException {
    JsonNode given = fields.get("logit_bias");
    if (given == null) {
      return TokenRules.NONE;
    }
    if (!given.isObject() || given.size() > MAX_BIASES) {
      throw Fields.wrongType(
          "logit_bias", "an object of at most " + MAX_BIASES + " token ids and numbers", given);
    }
    if (given.isEmpty()) {
      return TokenRules.NONE;
    }
    int[] ids = new int[given.size()];
    float[] biases = new float[ids.length];
    int i = 0;
    for (Map.Entry<String, JsonNode> entry : given.properties()) {
      ids[i] = biasedId(entry.getKey(), vocabulary);
      biases[i++] = bias(entry.getKey(), entry.getValue());
    }
    return TokenRules.NONE.withBiases(ids, biases);
  }

  private static int biasedId(String key, int vocabulary) throws ApiException {
    try {
      int id = Integer.parseInt(key);
      // Two spellings of one id would be two biases.
      if (id >= 0 && id < vocabulary && key.equals(String.valueOf(id))) {
        return id;
      }
    } catch (NumberFormatException e) {
      // Said below, as for a number that is no id.
    }
    String shown = key.length() > 40 ? key.substring(0, 40) + "..." : key;
    throw ApiException.invalid(
        "logit_bias",
        "'logit_bias' must have token ids between 0 and %d as its keys, got \"%s\""
            .formatted(vocabulary - 1, shown));
  }

  private static float bias(String key, JsonNode value) throws ApiException {
    if (!value.isNumber() || !(Math.abs(value.doubleValue()) <= MAX_BIAS)) {
      throw Fields.wrongType("logit_bias." + key, "a number between -100 and 100", value);
    }
    return value.floatValue();
  }

  private static long[] allowed(Fields fields, int vocabulary) throws ApiException {
    JsonNode given = fields.get("allowed_token_ids");
    if (given == null) {
      return null;
    }
    if (!given.isArray() || given.isEmpty() || given.size() > vocabulary) {
      throw Fields.wrongType(
          "allowed_token_ids", "a list of 1 to " + vocabulary + " token ids", given);
    }
    long[] bits = new long[Math.ceilDiv(vocabulary, Long.SIZE)];
    for (int id : Fields.tokenIds(given, "allowed_token_ids", vocabulary)) {
      bits[id / Long.SIZE] |= 1L << id;
    }
    return bits;
  }

  private static int[][] badWords(Fields fields, Tokenizer tokenizer) throws ApiException {
    JsonNode given = fields.get("bad_words");
    if (given == null) {
      return TokenRules.NONE.badWords();
    }
    if (!given.isArray() || given.size() > MAX_BAD_WORDS) {
      throw Fields.wrongType("bad_words", "a list of at most " + MAX_BAD_WORDS + " words", given);
    }
    List<int[]> words = new ArrayList<>();
    for (int i = 0; i < given.size(); i++) {
      String name = "bad_words[" + i + "]";
      String word = Fields.text(given.get(i), name);
      if (word.isBlank() || word.length() > MAX_BAD_WORD_LENGTH) {
        throw ApiException.invalid(
            name,
            "'%s' must have 1 to %d characters and not blanks only, got %d"
                .formatted(name, MAX_BAD_WORD_LENGTH, word.length()));
      }
      addSpellings(words, word.stripLeading(), tokenizer);
      if (words.getLast().length == 0) {
        throw ApiException.invalid(name, "'" + name + "' is no token of this model");
      }
    }
    return words.toArray(int[][]::new);
  }

  /** At the beginning and, where that is another token, after a space: vLLM's two spellings. */
  private static void addSpellings(List<int[]> words, String word, Tokenizer tokenizer) {
    int[] plain = tokenizer.encode(word, false);
    int[] spaced = tokenizer.encode(" " + word, false);
    words.add(plain);
    if (spaced.length == plain.length && plain.length > 0 && spaced[0] != plain[0]) {
      words.add(spaced);
    }
  }
}
