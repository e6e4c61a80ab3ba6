package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** The four shapes of a completion's prompt: text, token ids, or a list of either. */
final class Prompts {
  private static final int MAX_PROMPTS = 128;

  private Prompts() {}

  static List<Prompt> parse(ServedModel model, JsonNode prompt, boolean addSpecialTokens)
      throws ApiException {
    if (prompt == null) {
      throw ApiException.invalid("prompt", "'prompt' is missing");
    }
    if (!prompt.isArray() || (!prompt.isEmpty() && prompt.get(0).isNumber())) {
      return List.of(one(model, prompt, "prompt", addSpecialTokens));
    }
    if (prompt.isEmpty() || prompt.size() > MAX_PROMPTS) {
      throw ApiException.invalid(
          "prompt", "'prompt' must hold 1 to " + MAX_PROMPTS + " prompts, got " + prompt.size());
    }
    List<Prompt> prompts = new ArrayList<>();
    for (int i = 0; i < prompt.size(); i++) {
      prompts.add(one(model, prompt.get(i), "prompt[" + i + "]", addSpecialTokens));
    }
    return prompts;
  }

  private static Prompt one(
      ServedModel model, JsonNode prompt, String name, boolean addSpecialTokens)
      throws ApiException {
    if (prompt.isTextual()) {
      String text = Fields.text(prompt, name);
      return new Prompt(encode(model, text, addSpecialTokens, name), text);
    }
    if (!prompt.isArray()) {
      throw Fields.wrongType(name, "a string or a list of token ids", prompt);
    }
    return new Prompt(
        Fields.tokenIds(prompt, name, model.engine().limits().vocabularySize()), null);
  }

  /**
   * A text that can't fit however it is tokenized is refused before that takes time: no token of a
   * real vocabulary stands for more than 256 characters on average.
   */
  static int[] encode(ServedModel model, String text, boolean addSpecialTokens, String name)
      throws ApiException {
    int most = model.engine().limits().maxModelLen();
    if (text.length() / 256 > most) {
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
