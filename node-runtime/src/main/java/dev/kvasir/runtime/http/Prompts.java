package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * The four shapes of a prompt or of a text to embed: text, token ids, or a list of either.
 *
 * @param field where they stand, for errors
 * @param most how many there may be
 */
record Prompts(ServedModel model, Fields fields, String field, int most, boolean addSpecialTokens) {

  /**
   * Tokenizers split a text with regular expressions, which pass a few times over what they can't
   * split. Above ten million steps at one place the native library would abort the process.
   */
  private static final int MAX_RUN = 1 << 20;

  /** Characters that are tokenized for the end of them: some seconds' work. */
  private static final int MAX_TRUNCATED = 4 << 20;

  List<Prompt> parse(JsonNode value) throws ApiException {
    if (value == null) {
      throw ApiException.invalid(field, "'" + field + "' is missing");
    }
    if (!value.isArray() || (!value.isEmpty() && value.get(0).isNumber())) {
      return List.of(one(value, field));
    }
    if (value.isEmpty() || value.size() > most) {
      throw ApiException.invalid(
          field, "'%s' must hold 1 to %d %ss, got %d".formatted(field, most, field, value.size()));
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < value.size(); i++) {
      prompts.add(one(value.get(i), field + "[" + i + "]"));
    }
    return prompts;
  }

  private Prompt one(JsonNode value, String name) throws ApiException {
    if (value.isTextual()) {
      String text = Fields.text(value, name);
      return new Prompt(encode(model, fields, text, addSpecialTokens, name), text);
    }
    if (!value.isArray()) {
      throw Fields.wrongType(name, "a string or a list of token ids", value);
    }
    return new Prompt(Fields.tokenIds(value, name, model.engine().limits().vocabularySize()), null);
  }

  static int[] encode(
      ServedModel model, Fields fields, String text, boolean addSpecialTokens, String name)
      throws ApiException {
    checkLength(model, fields, text, name);
    if (longestRun(text) > MAX_RUN) {
      throw ApiException.invalid(
          name,
          "the prompt has more than %d characters in a row that are all white space or none of them"
              .formatted(MAX_RUN));
    }
    return model.tokenizer().encode(text, addSpecialTokens);
  }

  /** A text that can't fit however it is tokenized is refused before that takes time. */
  private static void checkLength(ServedModel model, Fields fields, String text, String name)
      throws ApiException {
    boolean truncated = fields.has("truncate_prompt_tokens");
    if (truncated && text.length() > MAX_TRUNCATED) {
      throw ApiException.invalid(
          name,
          "the prompt has %d characters; at most %d are read to truncate them"
              .formatted(text.length(), MAX_TRUNCATED));
    }
    int most = model.engine().limits().maxModelLen();
    if (!truncated && text.length() > model.tokenizer().mostCharacters(most)) {
      throw ApiException.contextLength(
          name,
          "the prompt has %d characters; this model's maximum context length is %d tokens"
              .formatted(text.length(), most));
    }
  }

  private static int longestRun(String text) {
    int longest = 0;
    int begin = 0;
    boolean before = false;
    for (int i = 0; i < text.length(); i++) {
      boolean space = Character.isWhitespace(text.charAt(i));
      begin = space == before ? begin : i;
      before = space;
      longest = Math.max(longest, i + 1 - begin);
    }
    return longest;
  }
}
