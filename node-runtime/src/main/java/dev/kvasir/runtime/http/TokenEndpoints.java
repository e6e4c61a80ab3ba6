package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.List;

/** {@code POST /tokenize} and {@code /detokenize}, in vLLM's shapes. */
final class TokenEndpoints {
  private final RuntimeState state;

  TokenEndpoints(RuntimeState state) {
    this.state = state;
  }

  void tokenize(Call call) throws ApiException, IOException, InterruptedException {
    ServedModel model = state.requireModel();
    Fields fields = Fields.of(call.json());
    call.send(200, call.work(false, () -> tokenized(model, fields)));
  }

  private static ObjectNode tokenized(ServedModel model, Fields fields) throws ApiException {
    AskParser.requireModel(model, fields);
    boolean spelled = fields.bool("return_token_strs", false);
    boolean chat = fields.has("messages");
    Prompt prompt = chat ? chat(model, fields) : prompt(model, fields);
    boolean addSpecialTokens = fields.bool("add_special_tokens", !chat);
    fields.refuseUnread();
    List<String> entries =
        spelled
            ? model.tokenizer().encodeWithTokens(prompt.text(), addSpecialTokens).tokens()
            : null;
    return answer(model, prompt.ids(), entries);
  }

  private static Prompt chat(ServedModel model, Fields fields) throws ApiException {
    return ChatPrompt.parse(model, fields, ToolFields.read(model, fields));
  }

  private static Prompt prompt(ServedModel model, Fields fields) throws ApiException {
    boolean addSpecialTokens = fields.bool("add_special_tokens", true);
    String prompt = fields.string("prompt", null);
    if (prompt == null) {
      throw ApiException.invalid("prompt", "'prompt' or 'messages' is missing");
    }
    return new Prompt(Prompts.encode(model, fields, prompt, addSpecialTokens, "prompt"), prompt);
  }

  /**
   * @param entries the tokens as the vocabulary spells them; null where they are not wanted
   */
  private static ObjectNode answer(ServedModel model, int[] ids, List<String> entries) {
    ObjectNode answer =
        JsonText.newObject()
            .put("count", ids.length)
            .put("max_model_len", model.engine().limits().maxModelLen());
    ArrayNode tokens = answer.putArray("tokens");
    for (int id : ids) {
      tokens.add(id);
    }
    if (entries == null) {
      answer.putNull("token_strs");
    } else {
      ArrayNode texts = answer.putArray("token_strs");
      entries.forEach(texts::add);
    }
    return answer;
  }

  void detokenize(Call call) throws ApiException, IOException, InterruptedException {
    ServedModel model = state.requireModel();
    Fields fields = Fields.of(call.json());
    AskParser.requireModel(model, fields);
    JsonNode tokens = fields.get("tokens");
    if (tokens == null || !tokens.isArray()) {
      throw ApiException.invalid("tokens", "'tokens' must be a list of token ids");
    }
    int[] ids = Fields.tokenIds(tokens, "tokens", model.engine().limits().vocabularySize());
    fields.refuseUnread();
    String text = call.work(false, () -> model.tokenizer().decode(ids, false));
    call.send(200, JsonText.newObject().put("prompt", text));
  }

  /** {@code GET /v1/models}. */
  void models(Call call) throws ApiException, IOException {
    ServedModel model = state.requireModel();
    ObjectNode answer = JsonText.newObject().put("object", "list");
    ArrayNode data = answer.putArray("data");
    model.names().forEach(name -> data.add(describe(model, name)));
    call.send(200, answer);
  }

  /** {@code GET /v1/models/NAME}. */
  void model(Call call) throws ApiException, IOException {
    ServedModel model = state.requireModel();
    String name = call.path().substring("/v1/models/".length());
    List<String> names = model.names();
    if (!names.contains(name)) {
      throw ApiException.modelNotFound(name);
    }
    call.send(200, describe(model, name));
  }

  private static ObjectNode describe(ServedModel model, String name) {
    return JsonText.newObject()
        .put("id", name)
        .put("object", "model")
        .put("created", model.createdSeconds())
        .put("owned_by", "kvasir")
        .put("root", model.name())
        .putNull("parent")
        .put("max_model_len", model.engine().limits().maxModelLen());
  }
}
