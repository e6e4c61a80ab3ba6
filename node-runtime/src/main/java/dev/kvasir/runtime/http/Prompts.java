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
record Prompts(ServedModel model, String field, int most, boolean addSpecialTokens) {

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
      return new Prompt(encode(model, text, addSpecialTokens, name), text);
    }
    if (!value.isArray()) {
      throw Fields.wrongType(name, "a string or a list of token ids", value);
    }
    return new Prompt(Fields.tokenIds(value, name, model.engine().limits().vocabularySize()), null);
  }

  /** Above ten million characters the tokenizer's regular expressions would abort the process. */
  private static final int MAX_CHARACTERS = 8 << 20;

  /**
   * A text that can't fit however it is tokenized is refused before that takes time: no token of a
   * real vocabulary stands for more than 256 characters on average.
   */
  static int[] encode(ServedModel model, String text, boolean addSpecialTokens, String name)
      throws ApiException {
    int most = model.engine().limits().maxModelLen();
    if (text.length() / 256 > most || text.length() > MAX_CHARACTERS) {
      throw ApiException.contextLength(
          name,
          "the prompt has "
              + text.length()
              + " characters; this model's maximum context length is "
              + most
              + " tokens");
    }
    return model.tokenizer().encode(text, addSpecialTokens);
  }
}
