package dev.kvasir.runtime.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.kvasir.runtime.http.ServerObserver.Outcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Base64;
import java.util.List;

/**
 * {@code POST /v1/embeddings}: the normed hidden state of a text's last token, of length 1, as vLLM
 * has it for models that generate.
 */
record EmbeddingsEndpoint(RuntimeState state, Admission admission, ServerObserver observer)
    implements Endpoint {
  /** OpenAI's bound. */
  private static final int MAX_INPUTS = 2048;

  private record Ask(List<Prompt> inputs, boolean base64, String cacheSalt) {}

  @Override
  public void answer(Call call) throws ApiException, IOException, InterruptedException {
    ServedModel model = state.requireModel();
    Fields fields = Fields.of(call.json());
    Ask ask = call.work(false, () -> parse(model, fields));
    admission.enter();
    Outcome outcome = Outcome.CANCELLED;
    try {
      float[][] vectors =
          new Embedding(model.engine(), call.id(), ask.cacheSalt()).of(ask.inputs());
      call.send(200, json(model, ask, vectors));
      outcome = Outcome.COMPLETED;
    } finally {
      admission.leave();
      boolean cut = admission.isCutting() && outcome != Outcome.COMPLETED;
      observer.ended(cut ? Outcome.DROPPED : outcome);
    }
  }

  private static Ask parse(ServedModel model, Fields fields) throws ApiException {
    AskParser.requireModel(model, fields);
    boolean addSpecialTokens = fields.bool("add_special_tokens", true);
    int longest = model.engine().limits().maxModelLen();
    Long last = fields.integer("truncate_prompt_tokens", 1, longest);
    List<Prompt> inputs =
        new Prompts(model, fields, "input", MAX_INPUTS, addSpecialTokens)
            .parse(fields.get("input")).stream()
                .map(input -> last == null ? input : input.last(last.intValue()))
                .toList();
    for (int i = 0; i < inputs.size(); i++) {
      checkLength(inputs.get(i).ids().length, longest, i);
    }
    String format = fields.string("encoding_format", "float");
    if (!format.equals("float") && !format.equals("base64")) {
      throw fields.invalid("encoding_format", "must be float or base64, got '" + format + "'");
    }
    fields.refuseUnless("priority", "0", v -> v.isNumber() && v.doubleValue() == 0);
    // Only models that were trained for it have embeddings that can be cut.
    fields.refuse("dimensions");
    fields.accept("user");
    String cacheSalt = AskParser.cacheSalt(fields);
    fields.refuseUnread();
    return new Ask(inputs, format.equals("base64"), cacheSalt);
  }

  private static void checkLength(int tokens, int longest, int index) throws ApiException {
    String name = "input[" + index + "]";
    if (tokens == 0) {
      throw ApiException.invalid(name, "'" + name + "' has no tokens");
    }
    if (tokens > longest) {
      throw ApiException.contextLength(
          name,
          "This model's maximum context length is %d tokens, but '%s' has %d: shorten it or send truncate_prompt_tokens"
              .formatted(longest, name, tokens));
    }
  }

  private static ObjectNode json(ServedModel model, Ask ask, float[][] vectors) {
    ObjectNode answer = JsonText.newObject().put("object", "list").put("model", model.name());
    ArrayNode data = answer.putArray("data");
    int tokens = 0;
    for (int i = 0; i < vectors.length; i++) {
      ObjectNode entry = data.addObject().put("object", "embedding").put("index", i);
      if (ask.base64()) {
        entry.put("embedding", base64(vectors[i]));
      } else {
        ArrayNode numbers = entry.putArray("embedding");
        for (float number : vectors[i]) {
          numbers.add(number);
        }
      }
      tokens += ask.inputs().get(i).ids().length;
    }
    answer.putObject("usage").put("prompt_tokens", tokens).put("total_tokens", tokens);
    return answer;
  }

  /** Float32, little-endian. */
  private static String base64(float[] vector) {
    ByteBuffer bytes =
        ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(vector);
    return Base64.getEncoder().encodeToString(bytes.array());
  }
}
